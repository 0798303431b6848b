import Signing

/// An X25519 key pair (RFC 7748 §6.1): a device's, an account's or a team's.
///
/// The secret stays in memory of its own and is wiped with the last reference. The same key is an
/// age identity, see ``AgeIdentity``.
public final class ExchangeKey: Sendable {
  public static let secretByteCount = 32

  public let publicKey: ExchangePublicKey
  private let secret: SecretBytes

  /// A new key.
  public convenience init(random: any RandomSource) {
    self.init(checked: SecretBytes(count: Self.secretByteCount, random: random))
  }

  /// A known key, whose bytes are copied. `nil` unless there are exactly 32.
  public convenience init?(secret: borrowing SecretBytes) {
    guard secret.count == Self.secretByteCount else { return nil }
    self.init(checked: secret.copy())
  }

  init(checked secret: consuming SecretBytes) {
    publicKey = secret.withUnsafeBytes { X25519.publicKey(of: $0) }
    self.secret = secret
  }

  /// Reads the secret, to seal or to print it. The pointer is not valid after `body` returns.
  public func withSecret<Result: ~Copyable, Failure: Error>(
    _ body: (borrowing SecretBytes) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(secret)
  }
}
