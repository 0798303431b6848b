import Signing

/// Thirty-two secret bytes: an epoch's key, a team's, or one that a password gave.
///
/// Never used as it is: everything is sealed under a sub-key for its purpose.
public final class SymmetricKey: Sendable {
  public static let byteCount = 32

  private let secret: SecretBytes

  /// A new key.
  public init(random: any RandomSource) {
    secret = SecretBytes(count: Self.byteCount, random: random)
  }

  /// A known key, whose bytes are copied. `nil` unless there are exactly 32.
  public init?(copying bytes: UnsafeRawBufferPointer) {
    guard bytes.count == Self.byteCount else { return nil }
    secret = SecretBytes(copying: bytes)
  }

  /// A known key, whose bytes are copied. `nil` unless there are exactly 32.
  public convenience init?(copying bytes: borrowing SecretBytes) {
    guard bytes.count == Self.byteCount else { return nil }
    self.init(checked: bytes.copy())
  }

  init(checked secret: consuming SecretBytes) {
    precondition(secret.count == Self.byteCount, "a key has 32 bytes")
    self.secret = secret
  }

  /// Reads the key. The pointer is not valid after `body` returns.
  public func withBytes<Result: ~Copyable, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try secret.withUnsafeBytes(body)
  }

  /// The key for one purpose: `HKDF(key, info)`. Tells nothing about this key or another purpose's.
  public func subKey(info: String) -> SymmetricKey {
    SymmetricKey(checked: withBytes { HKDF.derive(secret: $0, info: info) })
  }

  /// What an epoch's statement publishes about its key:
  /// `HMAC(HKDF(key, "satchel/1/commit"), context)`.
  ///
  /// Says nothing about the key, and nobody can find a second key for it. `context` has to name
  /// what the key is for, in an encoding without ambiguity.
  public func commitment(context: [UInt8]) -> Digest {
    subKey(info: "satchel/1/commit").withBytes { HMAC.code(for: context, key: $0) }
  }

  /// Whether this is the key that a epoch's statement committed to, compared in constant time.
  public func matches(_ commitment: Digest, context: [UInt8]) -> Bool {
    ConstantTime.areEqual(self.commitment(context: context), commitment)
  }
}
