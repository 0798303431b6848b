import Sealing
import Signing
import TestSupport
import Testing

struct SealedBoxTests {
  private let random = SeededRandom(seed: 111)

  private func seal(_ text: [UInt8], _ key: ExchangePublicKey) throws(SealingError) -> [UInt8] {
    try SealedBox.seal(SecretBytes(text), to: key, random: random)
  }

  @Test(arguments: [0, 1, 32, 1_000])
  func libsodiumOpensOurs(_ byteCount: Int) throws {
    let key = ExchangeKey(random: random)
    let text = random.bytes(byteCount)
    let box = try seal(text, key.publicKey)
    #expect(box.count == byteCount + SealedBox.overheadByteCount)
    let secret = key.withSecret { $0.array() }
    let opened = Libsodium.sealOpen(box, publicKey: key.publicKey.bytes, secret: secret)
    #expect(opened == text)
    #expect(try SealedBox.open(box, with: key).array() == text)
  }

  @Test(arguments: [0, 1, 32, 1_000])
  func weOpenLibsodiums(_ byteCount: Int) throws {
    let key = ExchangeKey(random: random)
    let text = random.bytes(byteCount)
    let box = Libsodium.seal(text, to: key.publicKey.bytes)
    #expect(try SealedBox.open(box, with: key).array() == text)
  }

  @Test func everyByteAndCutIsNoticed() throws {
    let key = ExchangeKey(random: random)
    let box = try seal(random.bytes(10), key.publicKey)
    for index in box.indices {
      var altered = box
      altered[index] ^= 1
      #expect(throws: SealingError.authenticationFailed, "\(index)") {
        _ = try SealedBox.open(altered, with: key).count
      }
      #expect(throws: SealingError.self, "\(index)") {
        _ = try SealedBox.open(Array(box[..<index]), with: key).count
      }
    }
    #expect(throws: SealingError.authenticationFailed) {
      _ = try SealedBox.open(box, with: ExchangeKey(random: random)).count
    }
  }

  @Test func weakKeysAndLargeBoxesAreRefused() throws {
    let key = ExchangeKey(random: random)
    let zero = try #require(ExchangePublicKey([UInt8](repeating: 0, count: 32)))
    #expect(throws: SealingError.weakPublicKey) { try seal([1], zero) }
    let large = [UInt8](repeating: 0, count: SealedBox.plaintextByteCountMax + 1)
    #expect(throws: SealingError.tooLarge) { try seal(large, key.publicKey) }
    let box = large + [UInt8](repeating: 0, count: SealedBox.overheadByteCount)
    #expect(throws: SealingError.tooLarge) { _ = try SealedBox.open(box, with: key).count }
  }

  @Test func theRandomnessIsTheCallers() throws {
    let key = ExchangeKey(random: SeededRandom(seed: 3)).publicKey
    let first = try SealedBox.seal(SecretBytes([1]), to: key, random: SeededRandom(seed: 4))
    let second = try SealedBox.seal(SecretBytes([1]), to: key, random: SeededRandom(seed: 4))
    let third = try SealedBox.seal(SecretBytes([1]), to: key, random: SeededRandom(seed: 5))
    #expect(first == second)
    #expect(first != third)
  }
}
