/// The first byte of everything that this module seals, age bytes excepted: which algorithms and
/// which layout follow.
public enum Suite {
  /// XChaCha20-Poly1305 with a random nonce under an HKDF-SHA-256 sub-key; Argon2id 1.3 for
  /// passwords; X25519 sealed boxes for members.
  public static let one: UInt8 = 0x01

  /// Fails closed: an unknown suite is its own error, and nothing is tried.
  static func check(_ bytes: [UInt8]) throws(SealingError) {
    guard let first = bytes.first else { throw .malformed }
    guard first == one else { throw .unknownSuite }
  }
}
