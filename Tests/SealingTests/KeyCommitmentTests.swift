import Signing
import TestSupport
import Testing

@testable import Sealing

/// Two keys for one payload: what an age payload does not prevent, and the commitment does.
struct KeyCommitmentTests {
  private let random = SeededRandom(seed: 71)

  @Test func onePayloadOpensUnderTwoKeys() throws {
    let keys = (random.bytes(16), random.bytes(16))
    let first = try #require(keys.0.withUnsafeBytes { FileKey(copying: $0) })
    let second = try #require(keys.1.withUnsafeBytes { FileKey(copying: $0) })
    let payload = KeyCollision.payload(keys.0, keys.1, random: random)
    let one = try PayloadRunner.open(payload, fileKey: first)
    let other = try PayloadRunner.open(payload, fileKey: second)
    // Both are authentic to age, and they are two different files.
    #expect(one.error == nil)
    #expect(other.error == nil)
    #expect(one.plaintext != other.plaintext)

    let context = random.bytes(48)
    let commitment = first.commitment(context: context)
    #expect(first.matches(commitment, context: context))
    #expect(!second.matches(commitment, context: context))
    #expect(!first.matches(commitment, context: Array(context.reversed())))
  }

  /// An age file by itself has no commitment: two headers before one payload are two files, each of
  /// them authentic. Only what names the key from elsewhere can tell (docs/decisions/0003-age.md).
  @Test func anAgeFileAloneCommitsToNothing() throws {
    let keys = (random.bytes(16), random.bytes(16))
    let payload = KeyCollision.payload(keys.0, keys.1, random: random)
    let reader = ExchangeKey(random: random)
    var opened: [[UInt8]] = []
    for bytes in [keys.0, keys.1] {
      let fileKey = try #require(bytes.withUnsafeBytes { FileKey(copying: $0) })
      let header = try AgeHeader.encode(
        fileKey: fileKey, recipients: [.key(reader.publicKey)], random: random)
      let outcome = try AgeFileRunner.decrypt(header + payload, with: [.key(reader)])
      #expect(outcome.error == nil)
      opened.append(outcome.plaintext)
    }
    #expect(opened[0] != opened[1])
  }

  @Test func commitmentIsWhatTheDesignSays() throws {
    let fileKey = FileKey(random: random)
    let context = random.bytes(48)
    let key = fileKey.withBytes { secret in
      secret.withUnsafeBytes { HKDF.derive(secret: $0, info: "commit") }
    }
    #expect(fileKey.commitment(context: context) == HMAC.code(for: context, key: key))
  }

  @Test func epochCommitment() throws {
    let key = SymmetricKey(random: random)
    let copy = try #require(key.withBytes { SymmetricKey(copying: $0) })
    let other = SymmetricKey(random: random)
    let commitment = key.commitment(context: [1, 2])
    #expect(copy.matches(commitment, context: [1, 2]))
    #expect(!copy.matches(commitment, context: [1, 2, 3]))
    #expect(!other.matches(commitment, context: [1, 2]))
  }
}
