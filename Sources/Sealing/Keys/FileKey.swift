import Signing

/// The sixteen secret bytes that one file version is sealed under (age-encryption.org/v1, "File
/// key"). Never used for a second version.
public final class FileKey: Sendable {
  public static let byteCount = 16

  private let secret: SecretBytes

  /// A new key.
  public init(random: any RandomSource) {
    secret = SecretBytes(count: Self.byteCount, random: random)
  }

  /// A known key, whose bytes are copied. `nil` unless there are exactly 16.
  public init?(copying bytes: UnsafeRawBufferPointer) {
    guard bytes.count == Self.byteCount else { return nil }
    secret = SecretBytes(copying: bytes)
  }

  /// A known key, whose bytes are copied. `nil` unless there are exactly 16.
  public convenience init?(copying bytes: borrowing SecretBytes) {
    guard bytes.count == Self.byteCount else { return nil }
    self.init(checked: bytes.copy())
  }

  init(checked secret: consuming SecretBytes) {
    precondition(secret.count == Self.byteCount, "a file key has 16 bytes")
    self.secret = secret
  }

  /// Reads the key. The pointer is not valid after `body` returns.
  public func withBytes<Result: ~Copyable, Failure: Error>(
    _ body: (borrowing SecretBytes) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(secret)
  }

  /// What a version's record says about its key: `HMAC(HKDF(file key, "commit"), context)`.
  ///
  /// An age payload does not commit to its key: two keys can be made to open one payload to two
  /// plaintexts. So a reader compares this before it shows a byte. `context` is
  /// `vault ‖ file ‖ version`, each of a fixed length.
  public func commitment(context: [UInt8]) -> Digest {
    // Not in memory of its own: it is needed with every file.
    withWipedMemory(byteCount: 32) { key in
      secret.withUnsafeBytes { secret in
        Array("commit".utf8).withUnsafeBytes {
          HKDF.derive(secret: secret, salt: .empty, info: $0, into: key)
        }
      }
      return HMAC.code(for: context, key: UnsafeRawBufferPointer(key))
    }
  }

  /// Whether this is the key that a version's record committed to, compared in constant time.
  public func matches(_ commitment: Digest, context: [UInt8]) -> Bool {
    ConstantTime.areEqual(self.commitment(context: context), commitment)
  }
}
