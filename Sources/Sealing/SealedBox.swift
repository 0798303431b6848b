import CSodium
import Signing

/// A small message that one X25519 key opens, from a sender who is not named: libsodium's
/// `crypto_box_seal`, byte for byte.
///
/// The box is `ephemeral public key ‖ crypto_box_easy(plaintext)` with the nonce
/// `BLAKE2b-192(ephemeral public key ‖ recipient)`. Built from `crypto_box` here, so that the
/// ephemeral key comes from the caller's randomness. It does not say who made it: what is inside
/// has to name its context, and the statement that carries the box is signed.
public enum SealedBox {
  /// How many bytes a box has more than its plaintext.
  public static let overheadByteCount = X25519.byteCount + macByteCount
  /// The longest plaintext. Boxes hold keys, not contents.
  public static let plaintextByteCountMax = 64 * 1024

  private static let macByteCount = 16
  private static let nonceByteCount = 24

  /// Seals `plaintext` to `recipient`.
  ///
  /// Throws `weakPublicKey` for a recipient of low order, `tooLarge` above
  /// ``plaintextByteCountMax``.
  public static func seal(
    _ plaintext: UnsafeRawBufferPointer, to recipient: ExchangePublicKey,
    random: any RandomSource
  ) throws(SealingError) -> [UInt8] {
    guard plaintext.count <= plaintextByteCountMax else { throw .tooLarge }
    var isSealed = false
    let byteCount = plaintext.count + overheadByteCount
    let box = [UInt8](unsafeUninitializedCapacity: byteCount) { box, count in
      let box = UnsafeMutableRawBufferPointer(box)
      isSealed = write(plaintext, to: recipient, random: random, into: box)
      count = isSealed ? byteCount : 0
    }
    guard isSealed else { throw .weakPublicKey }
    return box
  }

  /// Seals a secret to `recipient`.
  public static func seal(
    _ secret: borrowing SecretBytes, to recipient: ExchangePublicKey, random: any RandomSource
  ) throws(SealingError) -> [UInt8] {
    try secret.withUnsafeBytes { (bytes) throws(SealingError) in
      try seal(bytes, to: recipient, random: random)
    }
  }

  /// Opens a box that was sealed to `key`.
  ///
  /// Throws `malformed` below ``overheadByteCount``, `tooLarge` above the limit, and
  /// `authenticationFailed`.
  public static func open(
    _ box: [UInt8], with key: ExchangeKey
  ) throws(SealingError) -> SecretBytes {
    guard box.count >= overheadByteCount else { throw .malformed }
    guard box.count <= plaintextByteCountMax + overheadByteCount else { throw .tooLarge }
    Sodium.prepare()
    var plaintext = SecretBytes(count: box.count - overheadByteCount)
    let isOpen = plaintext.withUnsafeMutableBytes { plaintext in
      key.withSecret { secret in
        secret.withUnsafeBytes { secret in
          key.publicKey.withUnsafeBytes { publicKey in
            crypto_box_seal_open(
              plaintext.octets, box, UInt64(box.count), publicKey.requiredOctets,
              secret.requiredOctets) == 0
          }
        }
      }
    }
    guard isOpen else { throw .authenticationFailed }
    return plaintext
  }

  private static func write(
    _ plaintext: UnsafeRawBufferPointer, to recipient: ExchangePublicKey,
    random: any RandomSource, into box: UnsafeMutableRawBufferPointer
  ) -> Bool {
    withWipedMemory(byteCount: X25519.byteCount) { ephemeral in
      random.fill(ephemeral)
      let secret = UnsafeRawBufferPointer(ephemeral)
      let ephemeralKey = X25519.publicKey(of: secret)
      ephemeralKey.withUnsafeBytes { box.copyMemory(from: $0) }
      let sealed = UnsafeMutableRawBufferPointer(rebasing: box[X25519.byteCount...])
      let nonce = nonce(ephemeralKey, recipient)
      return recipient.withUnsafeBytes { recipient in
        crypto_box_easy(
          sealed.requiredOctets, plaintext.octets, UInt64(plaintext.count), nonce,
          recipient.requiredOctets, secret.requiredOctets) == 0
      }
    }
  }

  private static func nonce(
    _ ephemeral: ExchangePublicKey, _ recipient: ExchangePublicKey
  ) -> [UInt8] {
    let input = ephemeral.bytes + recipient.bytes
    var nonce = [UInt8](repeating: 0, count: nonceByteCount)
    let result = crypto_generichash(
      &nonce, nonceByteCount, input, UInt64(input.count), nil, 0)
    precondition(result == 0, "hashing does not fail")
    return nonce
  }
}
