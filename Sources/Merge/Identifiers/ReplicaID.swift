/// One home of one device. Copying a home makes a new replica: same device, another home id.
public struct ReplicaID: FixedBytes {
  public static let byteCount = DeviceID.byteCount + 8

  /// The device whose keys sign this replica's journals.
  public let device: DeviceID
  /// Drawn at random when the home is made, and again when a copy of it is noticed.
  public let home: UInt64

  public init(device: DeviceID, home: UInt64) {
    self.device = device
    self.home = home
  }

  public init?(_ bytes: some Collection<UInt8>) {
    let bytes = Array(bytes)
    guard bytes.count == Self.byteCount, let device = DeviceID(bytes[..<DeviceID.byteCount]) else {
      return nil
    }
    self.device = device
    var home: UInt64 = 0
    for byte in bytes[DeviceID.byteCount...] { home = home << 8 | UInt64(byte) }
    self.home = home
  }

  public var bytes: [UInt8] {
    device.bytes + (0..<8).map { UInt8(truncatingIfNeeded: home >> (56 - 8 * UInt64($0))) }
  }

  public static func < (left: Self, right: Self) -> Bool {
    (left.device, left.home) < (right.device, right.home)
  }
}
