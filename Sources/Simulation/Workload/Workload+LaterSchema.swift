import CBOR
import Merge
import Replica
import SpaceStore

extension Action {
  /// Whose program knows the later words.
  private static let upgraded: @Sendable (Party) -> Bool = { $0.isUpgraded && bothSides($0) }

  static let laterSchema: [Action] = [
    Action("newWords", weight: 8, for: upgraded) {
      try $0.useNewWords($1)
    },
    Action("remind", weight: 3, for: upgraded) { try $0.remind($1) },
  ]
}

extension Workload {
  /// Writes what only the later schema knows.
  mutating func useNewWords(_ party: Party) throws -> String {
    guard let ticket = try pickTicket(party) else { return "" }
    let write: Draft.Write
    switch generator.below(5) {
    case 0: write = .init("colour", .text(generator.pick(["red", "green"])))
    case 1: write = .init("alarm", .text(text()))
    case 2: write = .init("watchers/\(generator.pick(["a", "b"]))", .bool(generator.oneIn(2)))
    case 3: write = .init("priority", .text("blocker"))
    default:
      let word = generator.pick(["on_hold", "in_progress", "resolved", "closed"])
      let value = CBORMap([
        (.text("state"), .text(word)), (.text("effort"), .integer(Int64(generator.below(9)))),
      ])
      write = .init(
        "status", .map(value),
        shown: try shown("status", of: "ticket", ticket.record, in: ticket.space, party))
    }
    try party.replica.write(
      Draft([Draft.Change(.update, "ticket", ticket.record, [write])]), in: ticket.space)
    return write.key
  }

  /// Makes a record of the new type, answers one, or takes one away.
  mutating func remind(_ party: Party) throws -> String {
    guard let ticket = try pickTicket(party) else { return "" }
    let number = try party.replica.store.number(of: ticket.space)
    let all = try party.replica.database.rows(
      "SELECT record FROM reminder WHERE space = ? ORDER BY record", .integer(number)
    ) { RecordID($0.blob(0)) }.compactMap(\.self)
    let change: Draft.Change
    switch generator.below(4) {
    case 0 where !all.isEmpty:
      change = .init(.delete, LaterSchema.type, generator.pick(all))
    case 1 where !all.isEmpty, 2 where !all.isEmpty:
      let record = generator.pick(all)
      change = .init(
        .update, LaterSchema.type, record,
        [
          .init(
            "answer", .text(generator.pick(["yes", "no"])),
            shown: try shown("answer", of: LaterSchema.type, record, in: ticket.space, party))
        ])
    default:
      change = .init(
        .create, LaterSchema.type, recordID(party),
        [.init("ticket", .bytes(ticket.record.bytes)), .init("text", .text(text()))])
    }
    try party.replica.write(Draft([change]), in: ticket.space)
    return "\(change.operation)"
  }

  private func shown(
    _ key: String, of type: String, _ record: RecordID, in space: SpaceID, _ party: Party
  ) throws -> [Origin] {
    let row = RowKey(
      space: try party.replica.store.number(of: space), type: type, record: record)
    let state = try party.replica.store.tables.shownState(row)
    return state.registers[key]?.siblings.map(\.authorship.origin) ?? []
  }
}
