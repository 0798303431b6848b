import Database
import Merge
import Replica

extension Action {
  static let casework: [Action] = [
    Action("newTicket", weight: 3, for: bothSides) { try $0.newTicket($1) },
    Action("editTicket", weight: 8, for: bothSides) { try $0.editTicket($1) },
    Action("takeStep", weight: 8, for: bothSides) { try $0.takeStep($1) },
    Action("comment", weight: 3, for: bothSides) { try $0.comment($1) },
    Action("editComment", weight: 2, for: bothSides) { try $0.editComment($1) },
    Action("deleteTicket", weight: 1, for: practitioners) { try $0.deleteTicket($1) },
  ]
}

extension Workload {
  private var casework: SpaceID { world.facts.casework }

  mutating func newTicket(_ party: Party) throws -> String {
    // Few, so that people meet on them.
    guard try tickets(party).count < 4 else { return try editTicket(party) }
    return try openTicket(party)
  }

  private mutating func openTicket(_ party: Party) throws -> String {
    let draft = TicketDraft(
      title: text(), severity: generator.pick([nil, "minor", "major"]),
      labels: isCareless ? ["about \(text())"] : [])
    _ = try party.replica.newTicket(draft, in: casework)
    return "a ticket"
  }

  mutating func editTicket(_ party: Party) throws -> String {
    guard let ticket = try pickTicket(party) else { return try openTicket(party) }
    var edit = TicketEdit()
    switch generator.below(5) {
    case 0: edit.severity = generator.pick(["minor", "major", "critical"])
    case 1: edit.priority = generator.pick(["low", "normal", "high", "urgent"])
    case 2: edit.addedLabels = [generator.pick(["a", "b"])]
    case 3: edit.removedLabels = [generator.pick(["a", "b"])]
    default:
      edit.title = text()
      edit.severity = generator.pick(["minor", "major", "critical"])
    }
    if party.role == .practitioner, generator.oneIn(4) {
      edit.assignee = generator.oneIn(2) ? .some(party.account) : .some(nil)
    }
    return try party.replica.editTicket(ticket, edit).joined(separator: ",")
  }

  mutating func takeStep(_ party: Party) throws -> String {
    guard let ticket = try pickTicket(party) else { return try openTicket(party) }
    let steps = try party.replica.steps(from: ticket)
    guard !steps.isEmpty else { return "no step" }
    let step = generator.pick(steps)
    _ = try party.replica.take(step, on: ticket)
    return step.rawValue
  }

  mutating func comment(_ party: Party) throws -> String {
    guard let ticket = try pickTicket(party) else { return "" }
    _ = try party.replica.comment(on: ticket, text())
    return "on a ticket"
  }

  /// Also other people's, which is refused.
  mutating func editComment(_ party: Party) throws -> String {
    let comments = try records("comment", party)
    guard !comments.isEmpty else { return "" }
    let record = generator.pick(comments)
    let isDeletion = generator.oneIn(3)
    let change =
      isDeletion
      ? Draft.Change(.delete, "comment", record)
      : Draft.Change(.update, "comment", record, [.init("text", .text(text()))])
    _ = try party.replica.write(Draft([change]), in: casework)
    return isDeletion ? "deleted" : "changed"
  }

  mutating func deleteTicket(_ party: Party) throws -> String {
    guard let ticket = try pickTicket(party) else { return "" }
    _ = try party.replica.write(
      Draft([Draft.Change(.delete, "ticket", ticket.record)]), in: casework)
    return "deleted"
  }

  private func tickets(_ party: Party) throws -> [RecordReference] {
    try party.replica.tickets(closed: true, in: casework).map(\.reference)
      .sorted { $0.record < $1.record }
  }

  private mutating func pickTicket(_ party: Party) throws -> RecordReference? {
    let all = try tickets(party)
    return all.isEmpty ? nil : generator.pick(all)
  }

  private func records(_ type: String, _ party: Party) throws -> [RecordID] {
    let number = try party.replica.store.number(of: casework)
    return try party.replica.database.rows(
      "SELECT record FROM \"\(type)\" WHERE space = ? ORDER BY record", .integer(number)
    ) { RecordID($0.blob(0)) }.compactMap(\.self)
  }
}
