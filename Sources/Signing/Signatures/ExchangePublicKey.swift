/// An X25519 public key (RFC 7748 §5), as statements carry it. Only `Sealing` computes with it.
public struct ExchangePublicKey: OctetString, Comparable {
  public static let byteCount = Inline32.byteCount
  private let storage: Inline32

  public init?(_ bytes: some Collection<UInt8>) {
    guard let storage = Inline32(bytes) else { return nil }
    self.storage = storage
  }

  public func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try storage.withUnsafeBytes(body)
  }

  public static func < (left: Self, right: Self) -> Bool { left.storage < right.storage }
}
