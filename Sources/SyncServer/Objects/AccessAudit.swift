import Database
import Merge
import SpaceStore
import SyncProtocol

/// Every request for a shared file's key or bytes, and for what an emergency deposit opens, granted or
/// refused (requirements A9, E8).
struct AccessAudit {
  enum Action: String {
    case wrap = "share-wrap"
    case blob = "share-blob"
    case emergencyKey = "emergency-key"
    case emergencyRead = "emergency-read"
  }

  let core: ServerCore

  func write(
    _ action: Action, _ space: SpaceID, object: [UInt8],
    _ outcome: some RawRepresentable<String>, by session: Session
  ) throws {
    try core.database.run(
      "INSERT INTO access_audit (time, account, device, action, space, object, outcome) "
        + "VALUES (?, ?, ?, ?, ?, ?, ?)",
      .integer(Int64(core.now)), .blob(session.account.bytes), .blob(session.device.bytes),
      .text(action.rawValue), .blob(space.bytes), .blob(object), .text(outcome.rawValue))
    if try core.store.knows(space) { try core.tellMembers(of: space) }
  }

  func count(in space: SpaceID) throws -> UInt64 {
    let count = try core.database.first(
      "SELECT COUNT(*) FROM access_audit WHERE space = ?", .blob(space.bytes)
    ) { $0.integer(0) }
    return UInt64(clamping: count ?? 0)
  }

  /// In their order; counted within the space, so that nobody learns how much goes on elsewhere.
  func entries(
    in space: SpaceID, after: UInt64, countMax: Int
  ) throws -> [ReceiptsResponse.Access] {
    try core.database.rows(
      "SELECT time, account, device, action, object, outcome FROM access_audit WHERE space = ? "
        + "ORDER BY number LIMIT ? OFFSET ?",
      .blob(space.bytes), .integer(Int64(countMax)), .integer(Int64(clamping: after))
    ) { row in
      guard let account = AccountID(row.blob(1)), let device = DeviceID(row.blob(2)) else {
        throw StateError.damaged
      }
      return ReceiptsResponse.Access(
        timeMilliseconds: UInt64(clamping: row.integer(0)), account: account, device: device,
        action: row.text(3), object: row.blob(4), outcome: row.text(5))
    }
  }
}
