import Signing

/// A small secret (a file key, a predecessor epoch's key) sealed under an epoch's key.
///
/// `suite 0x01 ‖ epoch hint (8) ‖ nonce (24) ‖ XChaCha20-Poly1305(secret)` under
/// `HKDF(epoch key, "satchel/1/key-wrap")`, with the caller's associated data: what the secret is
/// for. A wrap therefore never opens as a field, nor for another file.
public enum KeyWrap {
  /// The longest secret, in bytes.
  public static let secretByteCountMax = 4096

  /// How many bytes a wrap has more than its secret.
  public static let overheadByteCount = EpochBox.overheadByteCount

  /// Wraps a secret of at most ``secretByteCountMax`` bytes; a longer one is a bug in the caller.
  public static func seal(
    _ secret: borrowing SecretBytes, key: SymmetricKey, epochHint: [UInt8],
    associatedData: [UInt8], random: any RandomSource
  ) -> [UInt8] {
    precondition(secret.count <= secretByteCountMax, "a wrap holds a small secret")
    return secret.withUnsafeBytes { secret in
      EpochBox.seal(
        byteCount: secret.count, key: subKey(key), epochHint: epochHint,
        associatedData: associatedData, random: random
      ) { $0.copyMemory(from: secret) }
    }
  }

  /// Opens a wrap. Throws `unknownSuite`, `malformed`, `tooLarge` and `authenticationFailed`.
  public static func open(
    _ wrap: [UInt8], key: SymmetricKey, associatedData: [UInt8]
  ) throws(SealingError) -> SecretBytes {
    let byteCount = try EpochBox.contentByteCount(wrap, max: secretByteCountMax)
    var secret = SecretBytes(count: byteCount)
    let isAuthentic = secret.withUnsafeMutableBytes {
      EpochBox.open(wrap, key: subKey(key), associatedData: associatedData, into: $0)
    }
    guard isAuthentic else { throw .authenticationFailed }
    return secret
  }

  /// Which epoch's key to try, or `nil` if it is not a wrap of a known suite.
  public static func epochHint(of wrap: [UInt8]) -> [UInt8]? {
    EpochBox.epochHint(of: wrap)
  }

  private static func subKey(_ key: SymmetricKey) -> SymmetricKey {
    key.subKey(info: "satchel/1/key-wrap")
  }
}
