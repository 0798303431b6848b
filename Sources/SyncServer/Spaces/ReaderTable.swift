import Database
import Merge
import SpaceStore
import SyncProtocol

/// How far each replica has read a space, by its own word: it asks from where it stands.
///
/// A replica that leaves entries unread for too long is retired: compaction no longer waits for it,
/// and what it wrote comes back under another replica id (design §6, Compaction).
struct ReaderTable {
  /// Homes of one device in one space that are waited for; a device can invent any number.
  private static let homeCountMax = 16

  let core: ServerCore
  let space: SpaceID

  private var database: SQLiteDatabase { core.database }

  /// A replica asks for what comes after a position: it has all up to there.
  ///
  /// A restored home asks from further back than before, and is waited for there.
  ///
  /// - Parameter reachesEnd: whether the answer holds all that there is.
  func note(
    _ replica: ReplicaID, of account: AccountID, at position: Position, reachesEnd: Bool
  ) throws {
    let known = try row(replica)
    let waiting = reachesEnd ? nil : core.now
    let isNews = known.map { known in
      known.acknowledged != position || (known.waitingSince == nil) != (waiting == nil)
        || isOlderThanADay(known.waitingSince)
    }
    guard isNews ?? true, try known != nil || mayAdd(replica) else { return }
    try database.run(
      "INSERT INTO reader VALUES (?, ?, ?, ?, ?, ?, 0) ON CONFLICT (space, device, home) "
        + "DO UPDATE SET acknowledged = excluded.acknowledged, "
        + "waiting_since = excluded.waiting_since",
      .blob(space.bytes), .blob(replica.device.bytes), .integer(Int64(bitPattern: replica.home)),
      .blob(account.bytes), .integer(Int64(position.rawValue)),
      waiting.map { .integer(Int64($0)) } ?? .null)
  }

  /// A replica has signed that it had seen the log up to a position.
  func noteSeen(_ replica: ReplicaID, _ position: Position) throws {
    try database.run(
      "UPDATE reader SET acknowledged = ?1 WHERE space = ?2 AND device = ?3 AND home = ?4 "
        + "AND acknowledged < ?1",
      .integer(Int64(position.rawValue)), .blob(space.bytes), .blob(replica.device.bytes),
      .integer(Int64(bitPattern: replica.home)))
  }

  /// The log has grown: from now on everybody has something to read.
  func noteGrowth() throws {
    try database.run(
      "UPDATE reader SET waiting_since = ? WHERE space = ? AND waiting_since IS NULL "
        + "AND retired = 0",
      .integer(Int64(core.now)), .blob(space.bytes))
  }

  // MARK: Retirement

  /// Retires whoever has left entries unread for too long.
  func retire() throws {
    try database.run(
      "UPDATE reader SET retired = 1 WHERE space = ? AND retired = 0 AND waiting_since <= ?",
      .blob(space.bytes), .integer(latestOfAway))
  }

  func isRetired(_ replica: ReplicaID) throws -> Bool {
    guard let row = try row(replica) else { return false }
    return row.isRetired || (row.waitingSince.map { Int64($0) <= latestOfAway } ?? false)
  }

  private var latestOfAway: Int64 {
    Int64(core.now) - Int64(clamping: core.options.retirementMilliseconds)
  }

  // MARK: The horizon

  /// How far every live replica has read: those of present members' devices that were not barred or
  /// retired. `nil` where there is none.
  func horizon(_ state: SpaceState) throws -> Position? {
    var horizon: Position?
    try database.each(
      "SELECT device, account, acknowledged FROM reader WHERE space = ? AND retired = 0",
      .blob(space.bytes)
    ) { row in
      guard let device = DeviceID(row.blob(0)), let account = AccountID(row.blob(1)),
        let position = Position(stored: UInt64(bitPattern: row.integer(2)))
      else { throw StateError.damaged }
      guard state.role(of: account) != nil, state.devices[device]?.until == nil else { return }
      horizon = min(horizon ?? position, position)
    }
    return horizon
  }

  // MARK: Rows

  private struct Row {
    let acknowledged: Position
    let waitingSince: UInt64?
    let isRetired: Bool
  }

  private func row(_ replica: ReplicaID) throws -> Row? {
    try database.first(
      "SELECT acknowledged, waiting_since, retired FROM reader "
        + "WHERE space = ? AND device = ? AND home = ?",
      .blob(space.bytes), .blob(replica.device.bytes),
      .integer(Int64(bitPattern: replica.home))
    ) { row in
      Row(
        acknowledged: Position(UInt64(row.integer(0))),
        waitingSince: row.optionalInteger(1).map { UInt64($0) }, isRetired: row.integer(2) != 0)
    }
  }

  private func mayAdd(_ replica: ReplicaID) throws -> Bool {
    let count = try database.first(
      "SELECT COUNT(*) FROM reader WHERE space = ? AND device = ? AND retired = 0",
      .blob(space.bytes), .blob(replica.device.bytes)
    ) { Int($0.integer(0)) }
    return (count ?? 0) < Self.homeCountMax
  }

  /// Whoever reads on and on without coming to the end is there all the same.
  private func isOlderThanADay(_ time: UInt64?) -> Bool {
    time.map { $0 + 24 * 60 * 60 * 1000 <= core.now } ?? false
  }
}
