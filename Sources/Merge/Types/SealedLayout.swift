/// Where acceptance finds the epoch of a sealed value: it must judge what it cannot open.
///
/// suite (1 byte) ‖ first 8 bytes of the epoch's id ‖ nonce (24) ‖ ciphertext and tag.
public enum SealedLayout {
  public static let epochHint = 1..<9
  /// Suite, hint, nonce and tag, without any plaintext.
  public static let overheadByteCount = 1 + 8 + 24 + 16

  /// `nil` for bytes that are too short to be a sealed value.
  public static func epochHint(of sealed: [UInt8]) -> ArraySlice<UInt8>? {
    sealed.count >= overheadByteCount ? sealed[epochHint] : nil
  }
}
