import Sealing
import Signing
import TestSupport
import Testing

@Suite struct KitKeysTests {
  /// By Python's `hashlib.blake2b` (salt, person and key as libsodium's `crypto_kdf` has them) and
  /// pyca/cryptography. Kits on paper depend on these for ever.
  @Test func keysAreThoseOfAnIndependentDerivation() throws {
    let derived = KitKeys(entropy: SecretBytes(copying: Array(0..<32)))
    let keys = try #require(derived)
    #expect(
      Hex.encode(keys.identity.publicKey.bytes)
        == "7af86233301ca2cb2c26ca8848ac705154eb6ef6330bc2091211d8e2ddbbd563")
    #expect(
      Hex.encode(keys.exchange.publicKey.bytes)
        == "91e50f94a326cd92f8039cf95bb959506153c9556c9b43488c431f07a53b5e0c")
    #expect(
      Hex.encode(keys.transport.publicKey.bytes)
        == "6974c95a5173e2f8289fe60409f589c835ca0193566901055290db2041ed3a24")
  }

  @Test(arguments: [0, 16, 31, 33])
  func anotherLengthIsRefused(count: Int) {
    let keys = KitKeys(entropy: SecretBytes(count: count))
    #expect(keys == nil)
  }

  @Test func otherWordsAreOtherKeys() throws {
    let random = SeededRandom(seed: 7)
    var seen: Set<[UInt8]> = []
    for _ in 0..<8 {
      let derived = KitKeys(entropy: SecretBytes(count: 32, random: random))
      let keys = try #require(derived)
      seen.formUnion([
        keys.identity.publicKey.bytes, keys.exchange.publicKey.bytes,
        keys.transport.publicKey.bytes,
      ])
    }
    #expect(seen.count == 24)
  }
}
