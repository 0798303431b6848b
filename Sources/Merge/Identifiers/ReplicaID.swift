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
    guard bytes.count == Self.byteCount, let device = DeviceID(bytes.prefix(DeviceID.byteCount))
    else { return nil }
    self.device = device
    home = withBuffer(of: bytes) { word($0, at: DeviceID.byteCount) }
  }

  public var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.byteCount)
    append(to: &bytes)
    return bytes
  }

  public func append(to bytes: inout [UInt8]) {
    device.append(to: &bytes)
    withUnsafeBytes(of: home.bigEndian) { bytes.append(contentsOf: $0) }
  }

  public static func < (left: Self, right: Self) -> Bool {
    (left.device, left.home) < (right.device, right.home)
  }
}
