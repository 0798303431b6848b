import CSodium

/// ChaCha20-Poly1305 with the 96-bit nonce of RFC 8439 §2.8, as age uses it.
enum ChaCha20Poly1305: SodiumAEAD {
  static let nonceByteCount = 12
  static var encrypt: SodiumEncryption { crypto_aead_chacha20poly1305_ietf_encrypt }
  static var decrypt: SodiumDecryption { crypto_aead_chacha20poly1305_ietf_decrypt }

  /// Twelve zero bytes, for a key that is used once.
  static let zeroNonce = [UInt8](repeating: 0, count: nonceByteCount)
}
