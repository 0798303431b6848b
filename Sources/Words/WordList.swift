/// The 2,048 English words of BIP-39, in alphabetical order: each stands for eleven bits, and is
/// known by its first four letters.
public struct WordList: Sendable {
  public static let english = WordList(lines: PackageResources.english_txt)

  public static let count = 2_048
  public static let bitsPerWord = 11

  /// The longest word has as many letters.
  public static let letterCountMax = 8

  /// As many letters tell every word from every other.
  public static let tellingLetterCount = 4

  private let words: [String]

  private init(lines: [UInt8]) {
    words = lines.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
    precondition(words.count == Self.count, "the list has 2,048 words")
  }

  /// The word that stands for `index`, which is below ``count``.
  public subscript(index: Int) -> String { words[index] }

  /// `count` words for the first 11 × `count` bits of `bytes`, most significant bit first: to compare
  /// fingerprints and codes aloud. They have no checksum of their own. Not for secrets.
  ///
  /// - Precondition: there are as many bits.
  public func words(ofLeadingBits bytes: [UInt8], count: Int) -> [String] {
    precondition(count * Self.bitsPerWord <= bytes.count * 8, "not enough bits")
    return bytes.withUnsafeBytes { bytes in
      (0..<count).map { words[BitGroups.group($0, of: bytes)] }
    }
  }

  /// Where `word` stands: lower-case ASCII, whole or its first letters, of which four are enough.
  func index(of word: some Collection<UInt8>) -> Int? {
    guard (1...Self.letterCountMax).contains(word.count) else { return nil }
    var low = 0
    var high = Self.count
    while low < high {
      let middle = (low + high) / 2
      if words[middle].utf8.lexicographicallyPrecedes(word) {
        low = middle + 1
      } else {
        high = middle
      }
    }
    guard low < Self.count, words[low].utf8.starts(with: word) else { return nil }
    let isWhole = words[low].utf8.count == word.count
    return isWhole || word.count >= Self.tellingLetterCount ? low : nil
  }

  /// At most `limit` words that `word` may have been meant to be: those that one slip of the pen
  /// leads to, then those with the same beginning, in alphabetical order.
  func near(_ word: some Collection<UInt8>, limit: Int = 4) -> [String] {
    let slips = words.filter { Slip.leads(from: word, to: $0.utf8) }
    let begun = words.filter { $0.utf8.starts(with: word.prefix(3)) && !slips.contains($0) }
    return Array((slips + (word.count < 3 ? [] : begun)).prefix(limit))
  }
}
