import Signing
import TestSupport
import Testing

@testable import Sealing

/// Two keys for one payload: what an age payload does not prevent, and the commitment does.
struct KeyCommitmentTests {
  private let random = SeededRandom(seed: 71)

  @Test func onePayloadOpensUnderTwoKeys() throws {
    let first = FileKey(random: random)
    let second = FileKey(random: random)
    let nonce = random.bytes(16)
    let chunk = try collision(first, second, nonce)
    let one = try PayloadRunner.open(nonce + chunk, fileKey: first)
    let other = try PayloadRunner.open(nonce + chunk, fileKey: second)
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

  /// A last chunk of four blocks whose tag is right under both keys. The tag is linear in each
  /// block, so one block solves for the difference of the two polynomials.
  private func collision(
    _ first: FileKey, _ second: FileKey, _ nonce: [UInt8]
  ) throws -> [UInt8] {
    let keys = [first, second].map { Poly1305Key(fileKey: $0, nonce: nonce) }
    // The first of five blocks has the fifth power.
    let factors = keys.map { $0.power(5) }
    let inverse = factors[0].minus(factors[1]).inverse()
    while true {
      var blocks = (0..<4).map { _ in random.bytes(16) }
      blocks[0] = [UInt8](repeating: 0, count: 16)
      let sums = keys.map { $0.sum(blocks + [Poly1305Key.lengths(byteCount: 64)]) }
      let target = sums[1].plus(keys[1].pad).minus(sums[0].plus(keys[0].pad))
      // Block zero is counted as 2^128 already, so the solution is below 2^128.
      let solution = target.times(inverse)
      guard let block = solution.bytes else { continue }
      blocks[0] = block
      let content = blocks.flatMap { $0 }
      let tags = keys.map { $0.tag(blocks + [Poly1305Key.lengths(byteCount: 64)]) }
      // The sums agree modulo p with the pads; the carries over 2^128 may differ.
      guard tags[0] == tags[1] else { continue }
      return content + tags[0]
    }
  }
}
