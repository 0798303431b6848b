import CBOR
import Merge
import SpaceStore

/// A record that somebody deleted while somebody else wrote in it, where the edit wins: it is shown, and
/// stays a conflict until somebody writes in it or deletes it who knows of the deletion.
extension Conflict {
  /// Stands for the record as a whole where a field's key stands otherwise.
  public static let recordKey = "record"
}

extension Replica {
  /// One side of the conflict: a deletion, or a value that it has not seen.
  private struct Side {
    let position: Position
    let authorship: Authorship
    /// `nil`: the deletion.
    let edit: (key: String, sibling: Sibling)?
  }

  /// The sides in the order of the log; empty where there is no conflict.
  private func sides(of state: RecordState, at place: RecordPlace) throws -> [Side] {
    guard place.type.concurrentDelete == .editWins, !state.isGone(.editWins) else { return [] }
    let standing = state.registers.sorted { $0.key < $1.key }
      .flatMap { key, register in register.siblings.map { (key: key, sibling: $0) } }
    var sides: [Side] = []
    for deletion in state.deletions {
      let isKnown = try standing.contains { try knew(of: deletion, $0.sibling, place) }
      if isKnown { continue }
      sides.append(
        Side(position: deletion.position, authorship: deletion.authorship, edit: nil))
    }
    if sides.isEmpty { return [] }
    for (key, sibling) in standing where !state.deletions.contains(where: { $0.covers(sibling) }) {
      sides.append(
        Side(
          position: sibling.position, authorship: sibling.authorship, edit: (key, sibling)))
    }
    return sides.sorted {
      ($0.position, $0.edit?.key ?? "") < ($1.position, $1.edit?.key ?? "")
    }
  }

  /// Whether a value was written by somebody who knew of the deletion: to keep the record.
  private func knew(
    of deletion: Deletion, _ sibling: Sibling, _ place: RecordPlace
  ) throws -> Bool {
    let (deleter, author) = (deletion.authorship.origin, sibling.authorship.origin)
    if deleter.replica == author.replica { return deleter.sequence < author.sequence }
    guard deletion.position.pendingSequence == nil else { return false }
    if let sequence = sibling.position.pendingSequence {
      let header = try outboxEntry(space: place.number, sequence: sequence)?.encoded.decodedHeader()
      return try header.map { try saw(deletion, $0, place) } ?? false
    }
    guard sibling.position > deletion.position else { return false }
    let entry = try store.log.entry(space: place.number, at: sibling.position)
    guard let header = try entry?.commit?.decodedHeader() else { return false }
    return try saw(deletion, header, place)
  }

  private func saw(
    _ deletion: Deletion, _ header: CommitHeader, _ place: RecordPlace
  ) throws -> Bool {
    try store.state(place.space).seen(header.context).contains(deletion.position)
  }

  func isDeletionConflict(_ state: RecordState, at place: RecordPlace) throws -> Bool {
    try !sides(of: state, at: place).isEmpty
  }

  func deletionConflict(
    _ state: RecordState, at place: RecordPlace, number: Int64?, in space: SpaceState
  ) throws -> Conflict? {
    let sides = try sides(of: state, at: place)
    if sides.isEmpty { return nil }
    let values = try sides.enumerated().map { index, side in
      Conflict.Value(
        letter: Self.letter(index), value: try opened(side, at: place),
        author: try author(side.authorship.origin.replica.device, in: space),
        origin: side.authorship.origin, timeMilliseconds: side.authorship.time.milliseconds,
        position: side.position.pendingSequence == nil ? side.position.rawValue : nil,
        isShown: side.edit != nil)
    }
    return Conflict(
      reference: place.reference, spaceKind: space.kind, number: number,
      key: Conflict.recordKey, rule: nil, values: values,
      reason: "what was written at the same time keeps it", logPosition: space.position)
  }

  private func opened(_ side: Side, at place: RecordPlace) throws -> OpenedValue {
    guard let (key, sibling) = side.edit else { return .text("deleted") }
    let value = try opened(sibling, of: key, at: place)
    return .group([OpenedValue.Component(name: key, value: value)])
  }

  /// Deletes the record, or keeps it by writing a value once more, in full knowledge of the deletion.
  func resolveDeletion(
    _ resolution: Resolution, _ state: RecordState, at place: RecordPlace
  ) throws -> OpenedValue {
    guard case .take(let letter) = resolution else {
      throw ReplicaError.badInput("take one of the values")
    }
    let all = try sides(of: state, at: place)
    let shown = try shownConflict(Conflict.recordKey, at: place)
    let origins = shown?.origins ?? all.map(\.authorship.origin)
    let index = origins.indices.first { Self.letter($0) == letter.uppercased() }
    guard let index else { throw ReplicaError.notFound("value \(letter)") }
    // A commit may stand on a side with several of its fields.
    let rank = origins[..<index].count { $0 == origins[index] }
    let same = all.filter { $0.authorship.origin == origins[index] }
    guard rank < same.count else {
      throw ReplicaError.badInput(
        "this has changed since you looked; see `satchel conflicts` again")
    }
    let side = same[rank]
    let change =
      try side.edit == nil
      ? Draft.Change(.delete, place.type.name, place.record)
      : Draft.Change(
        .update, place.type.name, place.record, [keeping(side.edit?.key, state, place)])
    try transaction {
      try write(Draft([change]), in: place.space, seen: shown?.position)
      try forgetShown(Conflict.recordKey, at: place)
    }
    return try opened(side, at: place)
  }

  /// A value that says what is shown: of the field that was chosen, or of one that may be written again.
  private func keeping(
    _ key: String?, _ state: RecordState, _ place: RecordPlace
  ) throws -> Draft.Write {
    let keys = [key].compactMap(\.self) + state.registers.keys.sorted()
    for key in keys {
      let name = FieldWrite(key: key, value: .null).field
      guard let field = place.type.field(name), !field.isGuarded, field.rule != .once,
        let register = state.registers[key],
        let winner = field.winner(of: register, in: place.type)
      else { continue }
      return Draft.Write(key, try plainValue(winner, of: key, field: field, place))
    }
    throw ReplicaError.badInput("write in it, or delete it, to settle this")
  }
}
