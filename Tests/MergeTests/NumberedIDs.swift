import CBOR
import Merge
import TestSupport

extension EpochID {
  /// The id that is all one byte: sealed values name an epoch by its first bytes.
  static func beginning(_ byte: UInt8) -> EpochID {
    guard let id = EpochID([UInt8](repeating: byte, count: byteCount)) else {
      preconditionFailure("as many bytes as the type has")
    }
    return id
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
