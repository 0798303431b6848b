import Signing
import Testing

@Suite struct SigningKeyTests {
  struct Example: Sendable {
    let seed: String
    let publicKey: String
    let message: String
    let signature: String
  }

  /// RFC 8032 §7.1, tests 1 to 3.
  static let examples = [
    Example(
      seed: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      publicKey: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
      message: "",
      signature: "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
        + "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
    Example(
      seed: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
      publicKey: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
      message: "72",
      signature: "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
    Example(
      seed: "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
      publicKey: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
      message: "af82",
      signature: "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        + "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
  ]

  static func key(seed: [UInt8]) throws -> SigningKey {
    let key = SigningKey(seed: SecretBytes(copying: seed))
    return try #require(key)
  }

  @Test(arguments: examples)
  func signsAsTheStandardDoes(example: Example) throws {
    let key = try Self.key(seed: #require(Hex.decode(example.seed)))
    let message = try #require(Hex.decode(example.message))
    #expect(key.publicKey.hex == example.publicKey)
    let signature = key.sign(message)
    #expect(signature.hex == example.signature)
    #expect(key.publicKey.verify(signature, of: message))
  }

  @Test func everyAlterationIsRefused() throws {
    let key = SigningKey(random: FixedRandom(pattern: [7, 1]))
    let message: [UInt8] = [1, 2, 3]
    let signature = key.sign(message)
    for bit in 0..<512 {
      var altered = signature.bytes
      altered[bit / 8] ^= 1 << UInt8(bit % 8)
      let other = try #require(Signature(altered))
      #expect(!key.publicKey.verify(other, of: message))
    }
    for bit in 0..<256 {
      var altered = key.publicKey.bytes
      altered[bit / 8] ^= 1 << UInt8(bit % 8)
      let other = try #require(SigningPublicKey(altered))
      #expect(!other.verify(signature, of: message))
    }
    #expect(!key.publicKey.verify(signature, of: [1, 2]))
    #expect(!key.publicKey.verify(signature, of: [1, 2, 3, 0]))
  }

  @Test func seedGivesTheSameKeyBack() throws {
    let key = SigningKey(random: FixedRandom(pattern: [3, 5, 8]))
    let again = try Self.key(seed: key.withSeed { [UInt8]($0) })
    #expect(again.publicKey == key.publicKey)
    #expect(again.sign([4]) == key.sign([4]))
  }

  @Test(arguments: [0, 31, 33, 64])
  func refusesSeedsOfOtherLengths(count: Int) {
    let isNil = SigningKey(seed: SecretBytes(count: count)) == nil
    #expect(isNil)
  }

  @Test func systemKeysDiffer() {
    let first = SigningKey(random: SystemRandom())
    let second = SigningKey(random: SystemRandom())
    #expect(first.publicKey != second.publicKey)
  }

  @Test func valuesHaveTheirLengths() {
    #expect(Signature([UInt8](repeating: 0, count: 63)) == nil)
    #expect(Signature([UInt8](repeating: 0, count: 65)) == nil)
    #expect(SigningPublicKey([UInt8](repeating: 0, count: 31)) == nil)
    #expect(ExchangePublicKey([UInt8](repeating: 0, count: 33)) == nil)
    let exchange = ExchangePublicKey([UInt8](repeating: 1, count: 32))
    #expect(exchange?.hex == String(repeating: "01", count: 32))
  }
}
