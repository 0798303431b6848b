import CSodium

/// An Ed25519 private key (RFC 8032 §5.1.5), in secret memory for as long as it lives.
public final class SigningKey: Sendable {
  /// The length of the seed from which the key is derived.
  public static let seedByteCount = Int(crypto_sign_SEEDBYTES)

  /// libsodium's form: the seed, then the public key.
  private let secret: SecretBytes

  public let publicKey: SigningPublicKey

  private init(validSeed seed: borrowing SecretBytes) {
    var secret = SecretBytes(count: Int(crypto_sign_SECRETKEYBYTES))
    publicKey = SigningPublicKey { publicKey in
      secret.withUnsafeMutableBytes { secret in
        seed.withUnsafeBytes { seed in
          _ = crypto_sign_seed_keypair(publicKey.octets, secret.octets, seed.octets!)
        }
      }
    }
    self.secret = secret
  }

  /// A new key from 32 bytes of `random`.
  public convenience init(random: some RandomSource) {
    self.init(validSeed: SecretBytes(count: Self.seedByteCount, random: random))
  }

  /// The key of `seed`, which is copied; `nil` unless it has exactly ``seedByteCount`` bytes.
  public convenience init?(seed: borrowing SecretBytes) {
    guard seed.count == Self.seedByteCount else { return nil }
    self.init(validSeed: seed)
  }

  /// Signs `message` (RFC 8032 §5.1.6). Deterministic.
  public func sign(_ message: [UInt8]) -> Signature {
    message.withUnsafeBytes { sign($0) }
  }

  /// As ``sign(_:)-([UInt8])``, of bytes in place.
  public func sign(_ message: UnsafeRawBufferPointer) -> Signature {
    Signature { signature in
      secret.withUnsafeBytes { secret in
        _ = crypto_sign_detached(
          signature.octets, nil, message.octets, UInt64(message.count), secret.octets!)
      }
    }
  }

  /// Reads the 32-byte seed, to seal it. The pointer is not valid after `body` returns.
  public func withSeed<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try secret.withUnsafeBytes { secret throws(Failure) in
      try body(UnsafeRawBufferPointer(rebasing: secret[..<Self.seedByteCount]))
    }
  }
}
