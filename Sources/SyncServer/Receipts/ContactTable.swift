import Database
import Merge
import SpaceStore
import SyncProtocol

/// How far devices were given an engagement's log, for its client.
struct ContactTable {
  /// A device that asks again within a minute is not news.
  private static let newsMilliseconds: Int64 = 60_000
  private static let answerCountMax: Int64 = 1024

  let database: SQLiteDatabase

  /// - Returns: whether it is news.
  func note(
    _ device: DeviceID, in space: SpaceID, at position: Position, now: UInt64
  ) throws -> Bool {
    let known = try database.first(
      "SELECT position, time FROM space_contact WHERE space = ? AND device = ?",
      .blob(space.bytes), .blob(device.bytes)
    ) { (position: $0.integer(0), time: $0.integer(1)) }
    let reached = Int64(position.rawValue)
    if let known, known.position == reached, Int64(now) < known.time + Self.newsMilliseconds {
      return false
    }
    try database.run(
      "INSERT OR REPLACE INTO space_contact VALUES (?, ?, ?, ?)", .blob(space.bytes),
      .blob(device.bytes), .integer(reached), .integer(Int64(now)))
    return true
  }

  func contacts(in space: SpaceID) throws -> [ReceiptsResponse.Contact] {
    try database.rows(
      "SELECT device, position, time FROM space_contact WHERE space = ? "
        + "ORDER BY time DESC, device LIMIT ?",
      .blob(space.bytes), .integer(Self.answerCountMax)
    ) { row in
      guard let device = DeviceID(row.blob(0)),
        let position = Position(stored: UInt64(bitPattern: row.integer(1)))
      else { throw StateError.damaged }
      return ReceiptsResponse.Contact(
        device: device, position: position,
        timeMilliseconds: UInt64(clamping: row.integer(2)))
    }
  }
}
