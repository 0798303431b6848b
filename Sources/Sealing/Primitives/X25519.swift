import CSodium
import Signing

/// X25519 (RFC 7748 §5).
enum X25519 {
  static let byteCount = 32

  /// The public key of `secret`.
  static func publicKey(of secret: UnsafeRawBufferPointer) -> ExchangePublicKey {
    precondition(secret.count == byteCount, "an X25519 secret has 32 bytes")
    Sodium.prepare()
    return withUnsafeTemporaryAllocation(byteCount: byteCount, alignment: 16) { output in
      crypto_scalarmult_curve25519_base(output.requiredOctets, secret.requiredOctets)
      guard let key = ExchangePublicKey(UnsafeRawBufferPointer(output)) else {
        preconditionFailure("an X25519 public key has 32 bytes")
      }
      return key
    }
  }

  /// Writes the shared secret into `output`. `false` for a point of low order: the shared secret
  /// would be zero whatever the secret is (RFC 7748 §6.1).
  static func sharedSecret(
    _ secret: UnsafeRawBufferPointer, _ publicKey: ExchangePublicKey,
    into output: UnsafeMutableRawBufferPointer
  ) -> Bool {
    precondition(secret.count == byteCount && output.count == byteCount, "X25519 has 32 bytes")
    Sodium.prepare()
    return publicKey.withUnsafeBytes { point in
      crypto_scalarmult_curve25519(
        output.requiredOctets, secret.requiredOctets, point.requiredOctets) == 0
    }
  }
}
