import CBOR
import Database
import Merge
import SpaceStore

extension Replica {
  /// Every conflict in this replica, by space and record. Elements of sets are in it only while they
  /// are both added and taken away. A record that was deleted while somebody wrote in it is one too.
  public func conflicts() throws -> [Conflict] {
    try conflictingRows().flatMap { try conflicts(at: $0) }
  }

  /// The conflicts of one record.
  public func conflicts(of reference: RecordReference) throws -> [Conflict] {
    try conflicts(at: place(reference))
  }

  /// How many conflicts there are; opens nothing.
  func conflictCount() throws -> Int {
    try conflictingRows().reduce(0) { count, place in
      let state = try store.tables.shownState(place.row)
      let isDeletion = try isDeletionConflict(state, at: place)
      return count + conflictingKeys(of: state, place.type).count + (isDeletion ? 1 : 0)
    }
  }

  private func conflictingRows() throws -> [RecordPlace] {
    let spaces = try spacesByNumber()
    let rows = try database.rows(
      "SELECT space, type, record FROM _sibling GROUP BY space, type, record "
        + "HAVING COUNT(*) > COUNT(DISTINCT key) "
        + "UNION SELECT space, type, record FROM _deletion ORDER BY space, type, record"
    ) { row in
      guard let record = RecordID(row.blob(2)) else { throw ReplicaError.homeDamaged("_sibling") }
      return RowKey(space: row.integer(0), type: row.text(1), record: record)
    }
    return rows.compactMap { row in spaces[row.space].flatMap { place(row, in: $0) } }
  }

  func conflictingKeys(of state: RecordState, _ type: RecordType) -> [String] {
    state.registers.filter { key, register in
      guard register.isConflict else { return false }
      let name = FieldWrite(key: key, value: .null).field
      guard type.field(name)?.rule.isSet == true else { return true }
      return Set(register.siblings.map(\.value)).count > 1
    }.keys.sorted()
  }

  private func conflicts(at place: RecordPlace) throws -> [Conflict] {
    let state = try store.tables.shownState(place.row)
    let space = try store.state(place.space)
    let number = try shown("number", of: state, at: place).integer
    let deletion = try deletionConflict(state, at: place, number: number, in: space)
    let fields: [Conflict] = try conflictingKeys(of: state, place.type).compactMap { key in
      let name = FieldWrite(key: key, value: .null).field
      guard let field = place.type.field(name), let register = state.registers[key] else {
        return nil
      }
      let winner = field.winner(of: register, in: place.type)
      let values = try register.siblings.enumerated().map { index, sibling in
        Conflict.Value(
          letter: Self.letter(index), value: try opened(sibling, of: key, at: place),
          author: try author(sibling.authorship.origin.replica.device, in: space),
          origin: sibling.authorship.origin,
          timeMilliseconds: sibling.authorship.time.milliseconds,
          position: sibling.position.pendingSequence == nil ? sibling.position.rawValue : nil,
          isShown: sibling == winner)
      }
      return Conflict(
        reference: place.reference, spaceKind: space.kind, number: number, key: key,
        rule: field.rule, values: values,
        reason: field.reason(winner, among: register.siblings, place.type),
        logPosition: space.position)
    }
    return fields + [deletion].compactMap(\.self)
  }

  /// A…Z, then AA, AB, ….
  static func letter(_ index: Int) -> String {
    guard let scalar = Unicode.Scalar(UInt32(0x41 + index % 26)) else {
      preconditionFailure("a letter")
    }
    return (index < 26 ? "" : letter(index / 26 - 1)) + String(Character(scalar))
  }
}

extension Field {
  /// Why the rule shows what it shows, for people.
  fileprivate func reason(
    _ winner: Sibling?, among siblings: [Sibling], _ type: RecordType
  ) -> String {
    let word = winner.flatMap { orderedWord(of: $0.value) } ?? "it"
    let tops = siblings.filter { orderedWord(of: $0.value) == word }
    let others = siblings.compactMap { orderedWord(of: $0.value) }.filter { $0 != word }
    let tie = tops.count > 1 ? "; among equals the latest" : ""
    let other = Set(others).sorted().joined(separator: ", ")
    switch rule {
    case .latest:
      let time = winner?.authorship.time
      let isTie = siblings.contains { $0 != winner && $0.authorship.time == time }
      return isTie
        ? "written at the same time; the higher replica id decides" : "the latest is shown"
    case .once: return "the first in the log is shown"
    case .highest:
      return others.isEmpty
        ? "they agree; the latest is shown" : "\(word) is higher than \(other)\(tie)"
    case .lowest:
      return others.isEmpty
        ? "they agree; the latest is shown" : "\(word) is lower than \(other)\(tie)"
    case .revokeWins:
      return others.isEmpty
        ? "they agree; the latest is shown" : "\(word) is more restrictive than \(other)\(tie)"
    case .workflow:
      return others.isEmpty
        ? "they agree; the latest is shown" : "\(word) goes before \(other)\(tie)"
    case .addWins: return "added goes before taken away"
    case .removeWins: return "taken away goes before added"
    case .all: return "none is shown until somebody chooses"
    }
  }
}
