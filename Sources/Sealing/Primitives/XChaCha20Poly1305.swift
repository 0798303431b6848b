import CSodium

/// XChaCha20-Poly1305 with a 192-bit nonce (draft-irtf-cfrg-xchacha-03): the nonce is long enough
/// to be drawn at random for every message of a key.
enum XChaCha20Poly1305: SodiumAEAD {
  static let nonceByteCount = 24
  static var encrypt: SodiumEncryption { crypto_aead_xchacha20poly1305_ietf_encrypt }
  static var decrypt: SodiumDecryption { crypto_aead_xchacha20poly1305_ietf_decrypt }
}
