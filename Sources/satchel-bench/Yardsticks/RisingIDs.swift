import Merge

/// Time-ordered ids that rise, as those of ``PlainSQLite`` do. The practice's clock is a virtual one and
/// stands still: its own ids would all be of one moment, in no order.
final class RisingIDs {
  private var count: UInt64 = 0

  func next() -> RecordID {
    count += 1
    // UUIDv7 (RFC 9562 §5.7): time, version, variant; a counter where randomness would be.
    var bytes: [UInt8] = [0x01, 0x90, 0, 0, 0, 0, 0x70, 0]
    withUnsafeBytes(of: (0x8000_0000_0000_0000 | count).bigEndian) { bytes.append(contentsOf: $0) }
    guard let id = RecordID(bytes) else { preconditionFailure("16 bytes make an id") }
    return id
  }
}
