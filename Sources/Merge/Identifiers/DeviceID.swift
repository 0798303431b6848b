/// A device: the first 16 bytes of the BLAKE2b-256 hash of its Ed25519 identity key, so the key
/// proves the id.
public struct DeviceID: FixedBytes {
  public static let byteCount = Bytes16.byteCount
  private let storage: Bytes16

  public init?(_ bytes: some Collection<UInt8>) {
    guard let storage = Bytes16(bytes) else { return nil }
    self.storage = storage
  }

  public var bytes: [UInt8] { storage.bytes }

  public static func < (left: Self, right: Self) -> Bool { left.storage < right.storage }
}
