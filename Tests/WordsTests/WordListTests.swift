import Foundation
import Signing
import Testing

@testable import Words

@Suite struct WordListTests {
  /// The published hash of the list; `Sources/Words/NOTICE` says where it is from.
  @Test func theListIsThePublishedOne() throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources/Words/english.txt")
    let lines = try String(contentsOf: path, encoding: .utf8).split(separator: "\n")
    #expect(lines.map(String.init) == (0..<WordList.count).map { WordList.english[$0] })
    let sum = Process()
    let output = Pipe()
    sum.executableURL = URL(filePath: "/usr/bin/sha256sum")
    sum.arguments = [path.path]
    sum.standardOutput = output
    try sum.run()
    let text = String(
      decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    #expect(
      text.hasPrefix("2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda "))
  }

  @Test func everyWordIsFound() {
    for index in 0..<WordList.count {
      let word = WordList.english[index]
      #expect(WordList.english.index(of: word.utf8) == index)
      #expect(WordList.english.index(of: word.utf8.prefix(4)) == index)
    }
  }

  @Test(
    arguments: [("zo", nil), ("zzzz", nil), ("act", 19), ("acti", 20), ("actr", 22)]
      as [(String, Int?)])
  func beginningsCountFromFourLettersOn(word: String, index: Int?) {
    #expect(WordList.english.index(of: word.utf8) == index)
  }

  @Test(arguments: [
    ("abandn", "abandon"), ("abandoon", "abandon"), ("abandom", "abandon"), ("abnadon", "abandon"),
    ("zoi", "zoo"), ("picnix", "picnic"), ("lgeal", "legal"),
  ])
  func oneSlipIsSeenThrough(written: String, meant: String) {
    #expect(WordList.english.near(written.utf8).contains(meant))
  }

  @Test func nothingIsNearGarbage() {
    #expect(WordList.english.near("qqqqqq".utf8) == [])
  }

  /// Eleven bits a word, the most significant first: 0b00000000001, 0b11111111111.
  @Test func wordsOfBits() {
    #expect(
      WordList.english.words(ofLeadingBits: [0x00, 0x3f, 0xff, 0x00], count: 2)
        == ["ability", "zoo"])
  }
}
