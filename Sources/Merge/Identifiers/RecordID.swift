/// A record: a UUIDv7 (RFC 9562 §5.7). Time-ordered ids insert an order of magnitude faster than
/// random ones.
public struct RecordID: FixedBytes {
  public static let byteCount = Bytes16.byteCount
  private let storage: Bytes16

  public init?(_ bytes: some Collection<UInt8>) {
    guard let storage = Bytes16(bytes) else { return nil }
    self.storage = storage
  }

  public var bytes: [UInt8] { storage.bytes }

  public static func < (left: Self, right: Self) -> Bool { left.storage < right.storage }
}
