import CSodium
import Signing

/// XChaCha20-Poly1305 with a 192-bit nonce (draft-irtf-cfrg-xchacha-03): the nonce is long enough
/// to be drawn at random for every message of a key.
enum XChaCha20Poly1305 {
  static let keyByteCount = 32
  static let nonceByteCount = 24
  static let tagByteCount = 16

  /// Writes ciphertext and tag into `output`, which has 16 bytes more than `plaintext` and may
  /// start where it does.
  static func seal(
    _ plaintext: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer,
    nonce: UnsafeRawBufferPointer, associatedData: UnsafeRawBufferPointer = .empty,
    into output: UnsafeMutableRawBufferPointer
  ) {
    precondition(key.count == keyByteCount && nonce.count == nonceByteCount, "a key or nonce size")
    precondition(output.count == plaintext.count + tagByteCount, "the output's size")
    Sodium.prepare()
    let result = crypto_aead_xchacha20poly1305_ietf_encrypt(
      output.requiredOctets, nil, plaintext.octets, UInt64(plaintext.count), associatedData.octets,
      UInt64(associatedData.count), nil, nonce.requiredOctets, key.requiredOctets)
    precondition(result == 0, "sealing does not fail")
  }

  /// Writes the plaintext into `output`, which has 16 bytes less than `sealed` and may start where
  /// it does. `false`, and no plaintext, unless all of it is authentic.
  static func open(
    _ sealed: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer, nonce: UnsafeRawBufferPointer,
    associatedData: UnsafeRawBufferPointer = .empty, into output: UnsafeMutableRawBufferPointer
  ) -> Bool {
    precondition(key.count == keyByteCount && nonce.count == nonceByteCount, "a key or nonce size")
    precondition(sealed.count == output.count + tagByteCount, "the output's size")
    Sodium.prepare()
    return crypto_aead_xchacha20poly1305_ietf_decrypt(
      output.octets, nil, nil, sealed.requiredOctets, UInt64(sealed.count), associatedData.octets,
      UInt64(associatedData.count), nonce.requiredOctets, key.requiredOctets) == 0
  }
}
