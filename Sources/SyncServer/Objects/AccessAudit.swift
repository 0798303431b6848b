import Database
import Merge

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
  }
}
