import Signing
import Testing
import Words

/// Vectors that others published: `vectors.json` of the Python package “mnemonic” (SatoshiLabs).
@Suite struct MnemonicVectorTests {
  static let published: [(entropy: String, words: String)] = [
    (
      "00000000000000000000000000000000",
      "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"
    ),
    (
      "7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f",
      "legal winner thank year wave sausage worth useful legal winner thank yellow"
    ),
    (
      "ffffffffffffffffffffffffffffffff",
      "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong"
    ),
    (
      "8197a4a47f0425faeaa69deebc05ca29c0a5b5cc76ceacc0",
      """
      light rule cinnamon wrap drastic word pride squirrel upgrade then income fatal apart sustain \
      crack supply proud access
      """
    ),
    (
      "8080808080808080808080808080808080808080808080808080808080808080",
      """
      letter advice cage absurd amount doctor acoustic avoid letter advice cage absurd amount \
      doctor acoustic avoid letter advice cage absurd amount doctor acoustic bless
      """
    ),
    (
      "f585c11aec520db57dd353c69554b21a89b20fb0650966fa0a9d6f74fd989d8f",
      """
      void come effort suffer camp survey warrior heavy shoot primary clutch crush open amazing \
      screen patrol group space point ten exist slush involve unfold
      """
    ),
  ]

  @Test(arguments: published)
  func bytesBecomeWords(entropy: String, words: String) throws {
    let bytes = try #require(Hex.decode(entropy))
    let mnemonic = Mnemonic(entropy: SecretBytes(copying: bytes))
    #expect(shown(mnemonic) == words)
  }

  @Test(arguments: published)
  func wordsBecomeBytes(entropy: String, words: String) throws {
    let mnemonic = try read(words)
    let bytes = mnemonic.withEntropy { entropy in entropy.withUnsafeBytes { [UInt8]($0) } }
    #expect(Hex.encode(bytes) == entropy)
  }
}

func read(_ text: String) throws(MnemonicError) -> Mnemonic {
  let bytes = SecretBytes(copying: Array(text.utf8))
  return try bytes.withUnsafeBytes { bytes throws(MnemonicError) in try Mnemonic(text: bytes) }
}

func shown(_ mnemonic: borrowing Mnemonic) -> String {
  var words: [String] = []
  for position in 1...mnemonic.wordCount { words.append(mnemonic.word(at: position)) }
  return words.joined(separator: " ")
}
