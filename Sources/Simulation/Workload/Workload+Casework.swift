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
    Action("addWork", weight: 2, for: practitioners) { try $0.addWork($1) },
    Action("internalNote", weight: 2, for: practitioners) { try $0.internalNote($1) },
    Action("resolve", weight: 2, for: bothSides) { try $0.resolve($1) },
  ]
}

extension Workload {
  private static var kinds: [String] {
    ["bug", "maintenance", "consultation", "document_feedback"]
  }

  mutating func newTicket(_ party: Party) throws -> String {
    guard let space = try pickCasework(party) else { return "" }
    // Few, so that people meet on them.
    guard try tickets(party, in: space).count < 4 else { return try editTicket(party) }
    try openTicket(party, in: space)
    return "a ticket"
  }

  @discardableResult
  private mutating func openTicket(
    _ party: Party, in space: SpaceID
  ) throws -> RecordReference {
    let draft = TicketDraft(
      kind: generator.pick(Self.kinds), title: text(),
      severity: generator.pick([nil, "minor", "major"]),
      labels: isCareless ? ["about \(text())"] : [])
    return try party.replica.newTicket(draft, in: space).reference
  }

  mutating func editTicket(_ party: Party) throws -> String {
    guard let ticket = try pickTicket(party) else { return "" }
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

  /// One and the same field from everybody.
  mutating func escalate(_ party: Party) throws -> String {
    guard let ticket = try pickTicket(party) else { return "" }
    var edit = TicketEdit()
    edit.severity = generator.pick(["minor", "major", "critical"])
    edit.title = text()
    return try party.replica.editTicket(ticket, edit).joined(separator: ",")
  }

  /// A step to one of these states; any where none of them can be reached.
  mutating func takeStep(_ party: Party, towards wanted: [String] = []) throws -> String {
    guard let ticket = try pickTicket(party) else { return "" }
    let steps = try party.replica.steps(from: ticket)
    let fitting = steps.filter { wanted.contains($0.rawValue) }
    guard !steps.isEmpty else { return "no step" }
    let step = generator.pick(fitting.isEmpty ? steps : fitting)
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
    guard let space = try pickCasework(party) else { return "" }
    let comments = try records("comment", party, in: space)
    guard !comments.isEmpty else { return "" }
    let record = generator.pick(comments)
    let isDeletion = generator.oneIn(3)
    let change =
      isDeletion
      ? Draft.Change(.delete, "comment", record)
      : Draft.Change(.update, "comment", record, [.init("text", .text(text()))])
    _ = try party.replica.write(Draft([change]), in: space)
    return isDeletion ? "deleted" : "changed"
  }

  mutating func deleteTicket(_ party: Party) throws -> String {
    guard let ticket = try pickTicket(party) else { return "" }
    _ = try party.replica.write(
      Draft([Draft.Change(.delete, "ticket", ticket.record)]), in: ticket.space)
    return "deleted"
  }

  mutating func addWork(_ party: Party) throws -> String {
    guard let ticket = try pickTicket(party) else { return "" }
    let minutes = Int64(1 + generator.below(90))
    _ = try party.replica.addWork(
      on: ticket, minutes: minutes, text: generator.oneIn(2) ? text() : nil)
    return "\(minutes) minutes"
  }

  /// In the team's own space.
  mutating func internalNote(_ party: Party) throws -> String {
    guard let ticket = try pickTicket(party) else { return "" }
    _ = try party.replica.note(on: ticket, text())
    return "for the team"
  }

  /// Settles a conflict by one of its values.
  mutating func resolve(_ party: Party) throws -> String {
    let conflicts = try party.replica.conflicts().filter { $0.rule != .revokeWins }
    guard !conflicts.isEmpty else { return "" }
    let conflict = generator.pick(conflicts)
    // A value under a key that has not arrived is shown as such, and cannot be taken.
    let values = conflict.values.filter { $0.value != .sealed }
    guard !values.isEmpty else { return "" }
    let letter = generator.pick(values).letter
    _ = try party.replica.resolve(conflict.reference, key: conflict.key, .take(letter))
    return conflict.key
  }

  private mutating func pickCasework(_ party: Party) throws -> SpaceID? {
    if let focus { return focus.space }
    let spaces = try party.replica.caseworkSpaces().filter(\.hasKey)
    return spaces.isEmpty ? nil : generator.pick(spaces).id
  }

  private func tickets(_ party: Party, in space: SpaceID) throws -> [RecordReference] {
    try party.replica.tickets(closed: true, in: space).map(\.reference)
      .sorted { $0.record < $1.record }
  }

  mutating func pickTicket(_ party: Party) throws -> RecordReference? {
    if let focus { return focus }
    guard let space = try pickCasework(party) else { return nil }
    let all = try tickets(party, in: space)
    return try all.isEmpty ? openTicket(party, in: space) : generator.pick(all)
  }

  private func records(
    _ type: String, _ party: Party, in space: SpaceID
  ) throws -> [RecordID] {
    let number = try party.replica.store.number(of: space)
    return try party.replica.database.rows(
      "SELECT record FROM \"\(type)\" WHERE space = ? ORDER BY record", .integer(number)
    ) { RecordID($0.blob(0)) }.compactMap(\.self)
  }
}
