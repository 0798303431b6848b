import Signing

/// One field's value as the server and the database see it.
///
/// `suite 0x01 ‖ epoch hint (8) ‖ nonce (24) ‖ XChaCha20-Poly1305(padded text)` under
/// `HKDF(epoch key, "satchel/1/sealed-field")`, with the caller's associated data: the encoding of
/// suite, space, type, record, field, epoch and author's account. So a value that is moved to
/// another place does not open. Sealing the same text twice gives unrelated bytes.
///
/// The plaintext is returned as an array, because it is for showing; keys go through ``KeyWrap``.
public enum SealedField {
  /// The longest text of a field, in bytes: that of a whole commit.
  public static let plaintextByteCountMax = 256 * 1024

  /// How many bytes a sealed field has more than its padded text.
  public static let overheadByteCount = EpochBox.overheadByteCount

  /// How many bytes the epoch hint has.
  public static let epochHintByteCount = EpochBox.hintByteCount

  /// Seals one text. For many of one epoch, see ``FieldSealer``. Throws `tooLarge`.
  public static func seal(
    _ plaintext: [UInt8], key: SymmetricKey, epochHint: [UInt8], associatedData: [UInt8],
    random: any RandomSource
  ) throws(SealingError) -> [UInt8] {
    try FieldSealer(epochKey: key, epochHint: epochHint)
      .seal(plaintext, associatedData: associatedData, random: random)
  }

  /// Opens one text. `key` is the key of the epoch that ``epochHint(of:)`` names. Throws
  /// `unknownSuite`, `malformed`, `tooLarge` and `authenticationFailed`.
  public static func open(
    _ sealed: [UInt8], key: SymmetricKey, associatedData: [UInt8]
  ) throws(SealingError) -> [UInt8] {
    try FieldSealer.open(sealed, key: FieldSealer.subKey(key), associatedData: associatedData)
  }

  /// Which epoch's key to try, or `nil` if it is not a sealed field of a known suite. Not proven
  /// until the field opens.
  public static func epochHint(of sealed: [UInt8]) -> [UInt8]? {
    EpochBox.epochHint(of: sealed)
  }
}
