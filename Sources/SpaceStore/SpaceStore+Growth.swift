import CBOR
import Merge
import SyncProtocol

extension SpaceStore {
  /// Applies one change of an accepted commit as far as the schema knows it, and notes the rest.
  ///
  /// - Parameter isStub: whether the values are gone: the change overwrites, and adds nothing.
  /// - Returns: whether the row lies under unsent commits, and has to be rebuilt.
  func apply(
    _ change: RecordChange, _ stamp: CommitStamp, isStub: Bool, space: Int64
  ) throws -> Bool {
    if let type = schema.type(change.type), isWhollyKnown(change, type) {
      return try tables.applyAccepted(change, stamp, isStub: isStub, space: space)
    }
    let row = RowKey(space: space, type: change.type, record: change.record)
    let note = { [unapplied] (part: UnappliedWrites.Part, key: String) in
      try unapplied.note(
        UnappliedWrites.Item(row: row, position: stamp.position, part: part, key: key))
    }
    guard let type = schema.type(change.type) else {
      try note(.change, "")
      return false
    }
    var writes: [FieldWrite] = []
    for write in change.writes {
      switch type.understanding(of: write) {
      case .whole: break
      case .field: try note(.word, write.key)
      case .none:
        try note(.write, write.key)
        continue
      }
      writes.append(write)
    }
    let known =
      writes.count == change.writes.count
      ? change
      : RecordChange(
        type: change.type, record: change.record, operation: change.operation, writes: writes)
    return try tables.applyAccepted(known, stamp, isStub: isStub, space: space)
  }

  /// Whether every field of a change is known, and none has values that a newer schema may declare.
  private func isWhollyKnown(_ change: RecordChange, _ type: RecordType) -> Bool {
    writtenFields.places(of: change, type).allSatisfy { place in
      place.map { !type.fields[$0].mayGrow } ?? false
    }
  }

  /// Applies what the log has held since before this schema knew of it. To be called when the store is
  /// opened, inside of a transaction.
  ///
  /// Registers do not depend on each other: the writes of a field that was not known come to the same
  /// now, in log order, as if they had been applied when they came.
  ///
  /// - Returns: rows that lie under unsent commits, and have to be rebuilt.
  public func applyUnapplied() throws -> [RowKey] {
    var covered: [RowKey] = []
    for item in try unapplied.all() {
      guard let type = schema.type(item.row.type) else { continue }
      if item.part != .change, type.field(FieldWrite.field(of: item.key)) == nil { continue }
      guard let (change, stamp, isStub) = try found(item) else { throw StateError.damaged }
      let writes = change.writes.filter { $0.key == item.key }
      if item.part == .word, writes.contains(where: { type.understanding(of: $0) == .field }) {
        continue
      }
      try unapplied.remove(item)
      let isCovered =
        switch item.part {
        case .change: try apply(change, stamp, isStub: isStub, space: item.row.space)
        case .word: try tables.refresh(item.row)
        // Where a record was deleted for good, its values have gone with the delete.
        case .write where try isDeleted(item.row, type) || !existed(item): false
        case .write:
          try apply(
            RecordChange(
              type: change.type, record: change.record, operation: .update, writes: writes),
            stamp, isStub: isStub, space: item.row.space)
        }
      if isCovered { covered.append(item.row) }
    }
    return covered
  }

  private func isDeleted(_ row: RowKey, _ type: RecordType) throws -> Bool {
    try type.concurrentDelete == .deleteWins && !tables.acceptedState(row).deletions.isEmpty
  }

  /// Whether there was a record to write to.
  private func existed(_ item: UnappliedWrites.Item) throws -> Bool {
    guard let created = try tables.acceptedState(item.row).created else { return false }
    return created <= item.position
  }

  private func found(
    _ item: UnappliedWrites.Item
  ) throws -> (change: RecordChange, stamp: CommitStamp, isStub: Bool)? {
    let entry = try log.entry(space: item.row.space, at: item.position)
    guard let entry, let journal = entry.journalOrigin, let commit = try entry.decodedCommit(),
      let change = commit.changes.first(where: {
        $0.type == item.row.type && $0.record == item.row.record
      })
    else { return nil }
    let isStub = if case .stub = entry.content { true } else { false }
    guard let space = try id(ofNumber: item.row.space) else { return nil }
    let stamp = Self.stamp(commit.header, journal, at: item.position, try state(space))
    return (change, stamp, isStub)
  }

  /// Where an accepted commit stands and what its author had seen.
  ///
  /// - Parameter state: of the space, at the commit or later.
  static func stamp(
    _ header: CommitHeader, _ journal: Origin, at position: Position, _ state: SpaceState
  ) -> CommitStamp {
    CommitStamp(
      position: position,
      authorship: Authorship(origin: header.origin ?? journal, time: header.time),
      seen: state.seen(header.context, at: position))
  }

  /// Whether a person's coming write rests on what this schema knows: what a newer one wrote is
  /// read-only here. Taking away always goes through.
  func knowsGround(of commit: Commit, space: Int64) throws -> Bool {
    if commit.isRestricting(in: schema) { return true }
    for change in commit.changes where change.operation != .create {
      guard let type = schema.type(change.type) else { return false }
      let row = RowKey(space: space, type: change.type, record: change.record)
      if change.operation == .delete, try unapplied.has(row) { return false }
      // Of other fields every value is understood.
      let mayGrow = { (write: FieldWrite) in type.field(write.field)?.mayGrow ?? false }
      guard change.writes.contains(where: mayGrow) else { continue }
      let shown = try tables.shownValues(row)
      for write in change.writes {
        guard let register = shown.registers[write.key] else { continue }
        if !type.understands(register, key: write.key) { return false }
      }
    }
    return true
  }
}
