import Signing

/// The 32-byte secret of an invitation or enrolment: travels from person to person, never through
/// the server. What the server gets is ``lookup(_:)``.
///
/// In secret memory for as long as it lives; compares in constant time.
public final class SharedSecret: Hashable, Sendable {
  public static let byteCount = 32

  private let secret: SecretBytes

  public init(random: any RandomSource) {
    secret = SecretBytes(count: Self.byteCount, random: random)
  }

  /// `nil` unless there are 32 bytes, which are copied.
  public init?(copying bytes: UnsafeRawBufferPointer) {
    guard bytes.count == Self.byteCount else { return nil }
    secret = SecretBytes(copying: bytes)
  }

  /// Reads the secret. The pointer is not valid after `body` returns.
  public func withBytes<Result: ~Copyable, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try secret.withUnsafeBytes(body)
  }

  /// The name under which the server knows it. One-way.
  public func lookup(_ domain: Domain) -> Digest {
    withBytes { Hasher256.hash(domain: domain.rawValue, secret: $0) }
  }

  /// A message authentication code under the secret; the domain tag begins the message.
  public func mac(_ message: [UInt8], _ domain: Domain) -> Digest {
    withBytes { MessageCode.code(for: domain.signedString(message), key: $0) }
  }

  public func isValid(_ mac: Digest, for message: [UInt8], _ domain: Domain) -> Bool {
    withBytes { MessageCode.isValid(mac, for: domain.signedString(message), key: $0) }
  }

  public static func == (left: SharedSecret, right: SharedSecret) -> Bool {
    left.secret == right.secret
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(lookup(.invitationLookup)) }
}
