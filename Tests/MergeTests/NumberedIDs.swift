import CBOR
import Merge

extension FixedBytes {
  /// The id that is all zeros but for a number at its end.
  static func numbered(_ number: Int) -> Self {
    var bytes = [UInt8](repeating: 0, count: byteCount)
    bytes[byteCount - 2] = UInt8(number >> 8)
    bytes[byteCount - 1] = UInt8(number & 0xff)
    guard let id = Self(bytes) else { preconditionFailure("as many bytes as the type has") }
    return id
  }
}

extension EpochID {
  /// The id that is all one byte: sealed values name an epoch by its first bytes.
  static func beginning(_ byte: UInt8) -> EpochID {
    guard let id = EpochID([UInt8](repeating: byte, count: byteCount)) else {
      preconditionFailure("as many bytes as the type has")
    }
    return id
  }
}

extension ReplicaID {
  /// The first home of the device with this number.
  static func home(of device: Int) -> ReplicaID {
    ReplicaID(device: .numbered(device), home: UInt64(device))
  }
}

extension Origin {
  static func of(_ device: Int, _ sequence: UInt64) -> Origin {
    Origin(replica: .home(of: device), sequence: sequence)
  }
}

extension Sibling {
  /// What stands in the tests for a write: device, sequence, position, clock and value.
  static func by(
    _ device: Int, _ sequence: UInt64, at position: UInt64, time: UInt64 = 0, _ value: CBORValue
  ) -> Sibling {
    Sibling(
      position: Position(position),
      authorship: Authorship(
        origin: .of(device, sequence), time: HybridTime(milliseconds: time, counter: 0)),
      value: value)
  }
}
