import Database
import Merge

/// Every request for a shared file's key or bytes, granted or refused (requirement A9).
struct AccessAudit {
  enum Action: String {
    case wrap = "share-wrap"
    case blob = "share-blob"
  }

  let core: ServerCore

  func write(
    _ action: Action, _ space: SpaceID, object: [UInt8], _ outcome: ShareGate.Outcome,
    by session: Session
  ) throws {
    try core.database.run(
      "INSERT INTO access_audit (time, account, device, action, space, object, outcome) "
        + "VALUES (?, ?, ?, ?, ?, ?, ?)",
      .integer(Int64(core.now)), .blob(session.account.bytes), .blob(session.device.bytes),
      .text(action.rawValue), .blob(space.bytes), .blob(object), .text(outcome.rawValue))
  }
}
