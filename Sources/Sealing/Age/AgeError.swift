/// Why an age file, key or armor was refused (age-encryption.org/v1).
///
/// No plaintext is ever given out before its chunk was verified; an error of the payload can come
/// after earlier chunks were given out.
public enum AgeError: Error, Equatable, Sendable {
  /// The armor is not strict PEM with the label "AGE ENCRYPTED FILE".
  case armorMalformed
  /// The first line is not an age version line.
  case notAnAgeFile
  /// An age file of a later version than v1.
  case unsupportedVersion
  /// The header breaks the format or a limit, a stanza for a native recipient is not as specified,
  /// or the file ends before the payload's nonce does.
  case headerMalformed
  /// A passphrase file asks for more work than the caller allows.
  case workFactorTooHigh
  /// The header is well-formed and none of the identities opens it.
  case noIdentityMatched
  /// The header's code is not that of its file key: the header was altered.
  case headerAltered
  /// A chunk does not authenticate, or bytes follow the final chunk.
  case payloadAltered
  /// The payload ends before its final chunk.
  case payloadTruncated
  /// Not a recipient or an identity in Bech32, with the age prefix and in its case.
  case keyMalformed
  /// A line of a key file is neither a comment nor a key; lines count from 1. Line 0: no keys.
  case keyFileMalformed(line: Int)
  /// A recipient of low order, which would give the file key to anybody.
  case weakRecipient
  /// No recipients, too many, or a passphrase beside others (age forbids that).
  case recipientsNotAllowed
  /// The system has not enough memory for the passphrase's work factor.
  case outOfMemory
}
