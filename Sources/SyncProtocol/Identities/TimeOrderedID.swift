import Merge
import Signing

/// Makes UUIDv7 identifiers (RFC 9562 §5.7): 48 bits of milliseconds, then randomness.
public enum TimeOrderedID {
  public static func make<ID: FixedBytes>(
    _ type: ID.Type = ID.self, _ environment: Environment
  ) -> ID {
    precondition(ID.byteCount == 16, "a UUID has 16 bytes")
    var bytes = environment.random.bytes(16)
    let now = environment.nowMilliseconds()
    for index in 0..<6 { bytes[index] = UInt8(truncatingIfNeeded: now >> (40 - 8 * UInt64(index))) }
    bytes[6] = 0x70 | bytes[6] & 0x0f
    bytes[8] = 0x80 | bytes[8] & 0x3f
    guard let id = ID(bytes) else { preconditionFailure("16 bytes make a UUID") }
    return id
  }
}
