/// Why words are no mnemonic. Says nothing of the words that are right.
public enum MnemonicError: Error, Equatable {
  /// There are neither 12, 15, 18, 21 nor 24 words.
  case wordCount(Int)

  /// The word at `position`, counted from 1, is not on the list; `near` are some that it may have
  /// been meant to be.
  case unknownWord(position: Int, near: [String])

  /// All words are on the list, and the checksum in the last one is another: a word is wrong, or
  /// two have changed places.
  case checksumWrong
}
