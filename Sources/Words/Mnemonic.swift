import CSodium
import Signing

/// Secret bytes as English words, and back (BIP-39, “Generating the mnemonic”): 16, 20, 24, 28 or 32
/// bytes are 12, 15, 18, 21 or 24 words, the last of which ends with a checksum.
///
/// Bytes and words stay in secret memory. What BIP-39 says about seeds and passphrases is not used.
public struct Mnemonic: ~Copyable {
  /// How many bytes there may be.
  public static let entropyByteCounts = [16, 20, 24, 28, 32]

  /// The longest text that is read.
  public static let textByteCountMax = 1_024

  private let entropy: SecretBytes

  /// The mnemonic of `entropy`.
  ///
  /// - Precondition: its length is one of ``entropyByteCounts``.
  public init(entropy: consuming SecretBytes) {
    precondition(Self.entropyByteCounts.contains(entropy.count), "entropy of another length")
    self.entropy = entropy
  }

  /// What `text` says: words with white space between them, whole or their first four letters, small
  /// or capital.
  public init(text: UnsafeRawBufferPointer) throws(MnemonicError) {
    let words = text.prefix(Self.textByteCountMax).split { $0 <= UInt8(ascii: " ") }
    guard text.count <= Self.textByteCountMax,
      let byteCount = Self.entropyByteCounts.first(where: { Self.wordCount(of: $0) == words.count })
    else { throw .wordCount(words.count) }
    // One byte more for the checksum.
    var coded = SecretBytes(count: byteCount + 1)
    for (place, word) in words.enumerated() {
      let lowered = word.lazy.map { (65...90).contains($0) ? $0 | 0x20 : $0 }
      guard let index = WordList.english.index(of: lowered) else {
        throw .unknownWord(position: place + 1, near: WordList.english.near(lowered))
      }
      coded.withUnsafeMutableBytes { BitGroups.set(place, to: index, in: $0) }
    }
    let entropy = coded.withUnsafeBytes {
      SecretBytes(copying: UnsafeRawBufferPointer(rebasing: $0[..<byteCount]))
    }
    let expected = Self.withChecksum(entropy)
    guard coded == expected else { throw .checksumWrong }
    self.init(entropy: entropy)
  }

  /// How many words there are.
  public var wordCount: Int { Self.wordCount(of: entropy.count) }

  /// Reads the bytes. The pointer is not valid after `body` returns.
  public borrowing func withEntropy<Result: ~Copyable, Failure: Error>(
    _ body: (borrowing SecretBytes) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(entropy)
  }

  /// The word at `position`, counted from 1. It is part of a secret: not for anything that stays.
  public borrowing func word(at position: Int) -> String {
    precondition((1...wordCount).contains(position), "no such word")
    let coded = Self.withChecksum(entropy)
    return WordList.english[coded.withUnsafeBytes { BitGroups.group(position - 1, of: $0) }]
  }

  private static func wordCount(of byteCount: Int) -> Int { byteCount * 3 / 4 }

  /// The bytes, and a byte that begins with one bit of their SHA-256 for every four of them. The
  /// rest of it is zero.
  private static func withChecksum(_ entropy: borrowing SecretBytes) -> SecretBytes {
    Sodium.prepare()
    var hash = SecretBytes(count: Int(crypto_hash_sha256_BYTES))
    var coded = SecretBytes(count: entropy.count + 1)
    let unusedBitCount = 8 - entropy.count / 4
    entropy.withUnsafeBytes { entropy in
      hash.withUnsafeMutableBytes { hash in
        _ = crypto_hash_sha256(
          hash.bindMemory(to: UInt8.self).baseAddress!,
          entropy.bindMemory(to: UInt8.self).baseAddress, UInt64(entropy.count))
      }
      coded.withUnsafeMutableBytes { coded in
        coded.copyMemory(from: entropy)
        hash.withUnsafeBytes {
          coded[entropy.count] = $0[0] & UInt8(truncatingIfNeeded: 0xff << unusedBitCount)
        }
      }
    }
    return coded
  }
}
