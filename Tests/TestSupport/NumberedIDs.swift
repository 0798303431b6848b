import Merge

extension FixedBytes {
  /// The id that is all zeros but for a number at its end.
  public static func numbered(_ number: Int) -> Self {
    var bytes = [UInt8](repeating: 0, count: byteCount)
    bytes[byteCount - 2] = UInt8(number >> 8)
    bytes[byteCount - 1] = UInt8(number & 0xff)
    guard let id = Self(bytes) else { preconditionFailure("as many bytes as the type has") }
    return id
  }
}

extension ReplicaID {
  /// The first home of the device with this number.
  public static func home(of device: Int) -> ReplicaID {
    ReplicaID(device: .numbered(device), home: UInt64(device))
  }
}

extension Origin {
  public static func of(_ device: Int, _ sequence: UInt64) -> Origin {
    Origin(replica: .home(of: device), sequence: sequence)
  }
}
