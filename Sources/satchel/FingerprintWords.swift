import Signing
import SyncProtocol
import Terminal
import Words

/// A fingerprint, of keys or of a history, as twelve words to read aloud. It is no secret.
struct FingerprintWords {
  private let words: [String]

  init(_ fingerprint: AccountFingerprint) { self.init(fingerprint.bytes) }

  init(_ fingerprint: HeadFingerprint) { self.init(fingerprint.bytes) }

  private init(_ bytes: [UInt8]) {
    let mnemonic = Mnemonic(entropy: SecretBytes(copying: bytes))
    words = (1...mnemonic.wordCount).map { mnemonic.word(at: $0) }
  }

  var text: String { words.joined(separator: " ") }

  /// Three lines of four words.
  var lines: [String] {
    stride(from: 0, to: words.count, by: 4).map {
      words[$0..<min($0 + 4, words.count)].joined(separator: " ")
    }
  }

  /// Whether somebody who read these words wrote this.
  ///
  /// - Throws: `Failure` where it is no twelve words of the list.
  func isSaid(by text: String) throws -> Bool {
    do throws(MnemonicError) {
      let typed = SecretBytes(copying: Array(text.utf8))
      let said = try typed.withUnsafeBytes { (bytes) throws(MnemonicError) -> [String] in
        let mnemonic = try Mnemonic(text: bytes)
        return (1...mnemonic.wordCount).map { mnemonic.word(at: $0) }
      }
      return said == words
    } catch {
      throw Failure(Self.explanation(error), hint: "nothing was noted", exitCode: .refused)
    }
  }

  private static func explanation(_ error: MnemonicError) -> String {
    switch error {
    case .wordCount(let count): "a fingerprint has twelve words, not \(count)"
    case .unknownWord(let position, let near):
      near.isEmpty
        ? "word \(position) is none of a fingerprint"
        : "word \(position) is none of a fingerprint; it may be \(near.joined(separator: ", "))"
    case .checksumWrong: "one of the words is another, or two have changed places"
    }
  }
}
