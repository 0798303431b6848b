/// An Ed25519 signature (RFC 8032 §5.1.6): 64 bytes inline.
public struct Signature: OctetString {
  public static let byteCount = 64
  private let storage: Storage

  /// The encoded point and the scalar, as RFC 8032 orders them.
  private struct Storage: Hashable, Sendable {
    var point = Inline32.zero
    var scalar = Inline32.zero
  }

  /// `body` writes the 64 bytes.
  init(filling body: (UnsafeMutableRawBufferPointer) -> Void) {
    var storage = Storage()
    withUnsafeMutableBytes(of: &storage, body)
    self.storage = storage
  }

  public init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count == Self.byteCount else { return nil }
    self.init { $0.copyBytes(from: bytes) }
  }

  public func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try Swift.withUnsafeBytes(of: storage, body)
  }
}
