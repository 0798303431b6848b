import CBOR
import Database
import Merge
import SpaceStore
import SyncProtocol

/// Compares a database with the reference model of the log that it holds.
struct ReferenceChecker {
  let store: SpaceStore
  /// Whose database it is, for explanations.
  let owner: String
  /// Whether rows show exactly what is accepted: nothing of the owner's waits to be sent.
  let showsAccepted: Bool

  /// What is different from a model of the same log, in words.
  func differences(in space: SpaceID, from model: ReferenceModel) throws -> [String] {
    var found: [String] = []
    let keys = model.records.keys.sorted { ($0.type, $0.record) < ($1.type, $1.record) }
    for key in keys {
      guard let history = model.records[key], let type = store.schema.type(key.type) else {
        continue
      }
      let row = RowKey(
        space: try store.number(of: space), type: key.type, record: key.record)
      let accepted = try store.tables.acceptedState(row)
      let what = "\(owner): \(key.type) \(key.record.hex)"
      if accepted.created != history.createdAt { found.append("\(what): created") }
      found += registers(history, accepted, type).map { "\(what): \($0)" }
      if showsAccepted { found += try shown(history, type, row).map { "\(what): \($0)" } }
    }
    return found
  }

  private func registers(
    _ history: ReferenceModel.History, _ accepted: RecordState, _ type: RecordType
  ) -> [String] {
    var found: [String] = []
    let stored = Set(accepted.registers.filter { !$0.value.siblings.isEmpty }.keys)
    if stored != Set(history.writes.keys) { found.append("fields") }
    for key in history.writes.keys.sorted() {
      let standing = ReferenceModel.standing(history.writes[key] ?? [])
      let register = accepted.registers[key] ?? Register()
      let siblings = register.siblings.map { Value($0.position, $0.authorship, $0.value) }
      let expected = standing.map {
        Value($0.position, Authorship(origin: $0.origin, time: $0.time), $0.value)
      }
      if Set(siblings) != Set(expected) { found.append("\(key): values that stand") }
      guard let field = type.field(String(key.prefix { $0 != "/" })) else { continue }
      let shown = ReferenceModel.shown(standing, field, type)
      if field.winner(of: register, in: type)?.position != shown?.position {
        found.append("\(key): value shown")
      }
    }
    let deletions = ReferenceModel.standing(history.deletions)
    if accepted.deletions.map(\.position) != deletions.map(\.position) {
      found.append("deletions")
    }
    if accepted.isGone(type.concurrentDelete) != ReferenceModel.isGone(history, type) {
      found.append("whether it is gone")
    }
    return found
  }

  private struct Value: Hashable {
    let position: Position
    let authorship: Authorship
    let value: CBORValue?

    init(_ position: Position, _ authorship: Authorship, _ value: CBORValue?) {
      self.position = position
      self.authorship = authorship
      self.value = value
    }
  }

  /// The row that a person's query sees, of the fields that are plain words.
  private func shown(
    _ history: ReferenceModel.History, _ type: RecordType, _ row: RowKey
  ) throws -> [String] {
    let isRow =
      try store.database.first(
        "SELECT 1 FROM \"\(type.name)\" WHERE space = ? AND record = ?", .integer(row.space),
        .blob(row.record.bytes)
      ) { _ in true } ?? false
    let isGone = ReferenceModel.isGone(history, type)
    // A child can be hidden with its parent.
    if isRow == isGone, type.parent == nil || isGone { return ["whether there is a row"] }
    guard isRow else { return [] }
    var found: [String] = []
    for field in type.fields {
      guard case .enumeration = field.kind else { continue }
      let standing = ReferenceModel.standing(history.writes[field.name] ?? [])
      let expected = ReferenceModel.shown(standing, field, type)?.value?.text
      let column = try store.database.first(
        "SELECT \"\(field.name)\" FROM \"\(type.name)\" WHERE space = ? AND record = ?",
        .integer(row.space), .blob(row.record.bytes)
      ) { $0.optionalText(0) }
      if column != .some(expected) { found.append("\(field.name): column") }
    }
    return found
  }
}
