/// A space: a UUIDv7, or the first 16 bytes of a hash of what it belongs to (see docs/protocol.md
/// §3).
public struct SpaceID: FixedBytes {
  public static let byteCount = Bytes16.byteCount
  private let storage: Bytes16

  public init?(_ bytes: some Collection<UInt8>) {
    guard let storage = Bytes16(bytes) else { return nil }
    self.storage = storage
  }

  public var bytes: [UInt8] { storage.bytes }

  public static func < (left: Self, right: Self) -> Bool { left.storage < right.storage }
}
