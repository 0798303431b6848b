import CSodium
import Signing

/// An authenticated cipher of libsodium with a key of 32 bytes and a tag of 16.
///
/// None of them commits to the key: one ciphertext can be made to open under two keys.
protocol SodiumAEAD {
  static var nonceByteCount: Int { get }
  static var encrypt: SodiumEncryption { get }
  static var decrypt: SodiumDecryption { get }
}

/// Ciphertext and its length, plaintext, associated data, nothing, nonce, key.
typealias SodiumEncryption =
  @convention(c) (
    UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<CUnsignedLongLong>?,
    UnsafePointer<UInt8>?, CUnsignedLongLong, UnsafePointer<UInt8>?, CUnsignedLongLong,
    UnsafePointer<UInt8>?, UnsafePointer<UInt8>, UnsafePointer<UInt8>
  ) -> CInt

/// Plaintext and its length, nothing, ciphertext, associated data, nonce, key.
typealias SodiumDecryption =
  @convention(c) (
    UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<CUnsignedLongLong>?,
    UnsafeMutablePointer<UInt8>?, UnsafePointer<UInt8>, CUnsignedLongLong,
    UnsafePointer<UInt8>?, CUnsignedLongLong, UnsafePointer<UInt8>, UnsafePointer<UInt8>
  ) -> CInt

extension SodiumAEAD {
  static var keyByteCount: Int { 32 }
  static var tagByteCount: Int { 16 }

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
    let result = encrypt(
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
    return decrypt(
      output.octets, nil, nil, sealed.requiredOctets, UInt64(sealed.count), associatedData.octets,
      UInt64(associatedData.count), nonce.requiredOctets, key.requiredOctets) == 0
  }
}
