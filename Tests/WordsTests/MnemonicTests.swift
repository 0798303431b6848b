import Signing
import TestSupport
import Testing
import Words

@Suite struct MnemonicTests {
  @Test(arguments: Mnemonic.entropyByteCounts, 1...8 as ClosedRange<UInt64>)
  func anyBytesComeBack(count: Int, seed: UInt64) throws {
    let entropy = SecretBytes(count: count, random: SeededRandom(seed: seed))
    let mnemonic = Mnemonic(entropy: entropy.copy())
    let again = try read(shown(mnemonic))
    let isSame = again.withEntropy { $0 == entropy }
    #expect(isSame)
  }

  @Test func firstFourLettersCapitalsAndLinesAreEnough() throws {
    let text = "Lega winn\nTHANK  year\twave saus wort useful legal winner thank yell\n"
    let short = try read(text)
    #expect(shown(short).hasSuffix("legal winner thank yellow"))
  }

  /// A checksum of four bits finds 15 of 16 changes; one of eight bits 255 of 256.
  @Test func changedWordsAreFound() throws {
    let right =
      "void come effort suffer camp survey warrior heavy shoot primary clutch crush open"
      + " amazing screen patrol group space point ten exist slush involve unfold"
    var found = 0
    for index in 0..<128 {
      var words = right.split(separator: " ").map(String.init)
      words[index % 23] = WordList.english[(index * 131 + 7) % WordList.count]
      if fault(of: words.joined(separator: " ")) == .checksumWrong { found += 1 }
    }
    #expect(found > 120)
  }

  @Test func swappedWordsAreFound() {
    #expect(
      fault(of: "winner legal thank year wave sausage worth useful legal winner thank yellow")
        == .checksumWrong)
  }

  @Test func anUnknownWordIsNamedByItsPlace() {
    #expect(
      fault(of: "legal winner thnak year wave sausage worth useful legal winner thank yellow")
        == MnemonicError.unknownWord(position: 3, near: ["thank"]))
  }

  @Test(arguments: ["", "zoo", "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo"])
  func anotherNumberOfWordsIsRefused(text: String) {
    #expect(fault(of: text) == .wordCount(text.split(separator: " ").count))
  }

  @Test func endlessTextIsRefused() {
    let text = String(repeating: "zoo ", count: 300)
    #expect(fault(of: text) != nil)
  }

  @Test(arguments: ["abandonx", "aban\u{7f}", "abandonabandonabandon", "ab", "é", "\u{ff}\u{fe}"])
  func nothingButWordsOfTheListIsTaken(word: String) {
    #expect(fault(of: word + String(repeating: " abandon", count: 10) + " about") != nil)
  }

  private func fault(of text: String) -> MnemonicError? {
    do throws(MnemonicError) {
      let mnemonic = try read(text)
      #expect(shown(mnemonic) != "")
      return nil
    } catch {
      return error
    }
  }
}
