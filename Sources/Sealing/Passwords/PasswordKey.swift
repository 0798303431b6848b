import CSodium
import Signing

/// A key from a password: Argon2id version 1.3 (RFC 9106), with libsodium's single lane.
public enum PasswordKey {
  /// Derives the key of `password`. Takes about as long as memory and passes say, and that memory.
  ///
  /// Throws `weakParameters` or `tooLarge` before anything is allocated, `outOfMemory` if the
  /// system does not give the memory.
  public static func derive(
    password: borrowing SecretBytes, parameters: Parameters
  ) throws(SealingError) -> SymmetricKey {
    try parameters.check()
    Sodium.prepare()
    var key = SecretBytes(count: SymmetricKey.byteCount)
    let isDerived = key.withUnsafeMutableBytes { key in
      password.withUnsafeBytes { password in
        crypto_pwhash(
          key.requiredOctets, UInt64(key.count),
          UnsafeRawPointer(password.requiredOctets).assumingMemoryBound(to: CChar.self),
          UInt64(password.count), parameters.salt, UInt64(parameters.opsLimit),
          parameters.memoryByteCount,
          crypto_pwhash_ALG_ARGON2ID13) == 0
      }
    }
    guard isDerived else { throw .outOfMemory }
    return SymmetricKey(checked: key)
  }
}
