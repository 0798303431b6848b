/// A team: the hash of the first statement of its chain.
public struct TeamID: FixedBytes {
  public static let byteCount = Bytes32.byteCount
  private let storage: Bytes32

  public init?(_ bytes: some Collection<UInt8>) {
    guard let storage = Bytes32(bytes) else { return nil }
    self.storage = storage
  }

  public var bytes: [UInt8] { storage.bytes }

  public static func < (left: Self, right: Self) -> Bool { left.storage < right.storage }
}
