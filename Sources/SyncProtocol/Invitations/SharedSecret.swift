import CBOR
import Merge
import Signing

/// The 32-byte secret of an invitation or enrolment: travels from person to person, never through
/// the server. What the server gets is ``lookup(_:)``.
public struct SharedSecret: Hashable, Sendable {
  public static let byteCount = 32

  public let bytes: [UInt8]

  public init(random: any RandomSource) { bytes = random.bytes(Self.byteCount) }

  /// `nil` unless there are 32 bytes.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.byteCount else { return nil }
    self.bytes = bytes
  }

  /// The name under which the server knows it. One-way.
  public func lookup(_ domain: Domain) -> Digest { domain.hash(bytes) }

  /// A message authentication code under the secret; the domain tag begins the message.
  public func mac(_ message: [UInt8], _ domain: Domain) -> Digest {
    MessageCode.code(for: domain.signedString(message), key: bytes)
  }

  public func isValid(_ mac: Digest, for message: [UInt8], _ domain: Domain) -> Bool {
    MessageCode.isValid(mac, for: domain.signedString(message), key: bytes)
  }
}
