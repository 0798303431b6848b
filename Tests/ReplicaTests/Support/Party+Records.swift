import CBOR
import Database
import Merge
import Simulation
import SyncProtocol

@testable import Replica
@testable import SpaceStore

extension Party {
  @discardableResult
  func write(
    _ operation: RecordChange.Operation, _ type: String, _ record: RecordID,
    _ writes: [Draft.Write] = [], in space: SpaceID
  ) throws -> Written {
    let draft = Draft([Draft.Change(operation, type, record, writes)])
    let origin = try replica.write(draft, in: space)
    return Written(party: name, space: space, origin: origin)
  }

  func makeTicket(in space: SpaceID, title: String = "title") throws -> RecordID {
    let record = newRecordID()
    try write(
      .create, "ticket", record, [.init("kind", .text("bug")), .init("title", .text(title))],
      in: space)
    return record
  }

  func makeComment(on ticket: RecordID, in space: SpaceID) throws -> RecordID {
    let record = newRecordID()
    try write(
      .create, "comment", record,
      [.init("ticket", .bytes(ticket.bytes)), .init("text", .text("comment"))], in: space)
    return record
  }

  /// A practitioner's request in an engagement, with its reason sealed.
  @discardableResult
  func makeAccessRequest(in space: SpaceID, reason: String) throws -> Written {
    let state = CBORMap([(.text("state"), .text("requested"))])
    return try write(
      .create, "access_request", newRecordID(),
      [.init("reason", .text(reason)), .init("state", .map(state))], in: space)
  }

  /// The opened value that is shown of a sealed field.
  func shownText(_ type: String, _ record: RecordID, _ field: String, in space: SpaceID) throws
    -> String?
  {
    let key = RowKey(space: try replica.store.number(of: space), type: type, record: record)
    guard let type = replica.store.schema.type(type), let declared = type.field(field),
      let register = try replica.store.tables.shownState(key).registers[field],
      let winner = declared.winner(of: register, in: type), let sealed = winner.value.bytes
    else { return nil }
    return try replica.unseal(
      sealed, space: space, type: type.name, record: record, key: field,
      author: winner.authorship.origin.replica.device)?.text
  }

  func isShown(_ type: String, _ record: RecordID, in space: SpaceID) throws -> Bool {
    let number = try replica.store.number(of: space)
    return try replica.database.first(
      "SELECT 1 FROM \"\(type)\" WHERE space = ? AND record = ?", .integer(number),
      .blob(record.bytes)
    ) { _ in true } ?? false
  }

  /// What was written and refused, opened again.
  func rejectedDrafts() throws -> [Draft] {
    let copies = try replica.database.rows("SELECT private FROM rejected ORDER BY number") {
      $0.blob(0)
    }
    return try copies.map { try replica.openPrivateCopy($0) }
  }
}
