import Merge
import SyncProtocol

/// A home that was restored from a backup, or copied and used twice, meets commits under its own
/// numbers that it did not write. It is another replica then (design §2).
extension Replica {
  /// Whether an own commit in the log is the one that this home wrote.
  func isOwn(_ point: JournalPoint, space: Int64) throws -> Bool {
    guard let entry = try outboxEntry(space: space, sequence: point.sequence) else { return true }
    return entry.hash == point.hash
  }

  /// Becomes another replica in a space where the log has more of its journal than it wrote, or
  /// something else.
  func leaveCopiedJournal(of space: SpaceID, number: Int64) throws {
    let logged = try store.journalPoint(space, journalReplica(space: number))
    let waiting = try staleSequences(space: number)
    let isOvertaken = try outbox(space: number).contains {
      $0.sequence <= logged.sequence && !waiting.contains($0.sequence)
    }
    guard try isOvertaken || ownJournal(space: number).sequence < logged.sequence else { return }
    try goOnAsAnother(in: space, number: number)
  }

  /// Takes a new home id in a space, and writes what is unsent there anew under it, in order.
  ///
  /// With the old contexts, but as its own origins: to a register, two copies under one id would be one
  /// author, whose later write replaces the earlier one that it never saw.
  ///
  /// - Parameter keepsOrigins: for a home that is the only one: what it wrote stays what it wrote.
  func goOnAsAnother(in space: SpaceID, number: Int64, keepsOrigins: Bool = false) throws {
    let entries = try outbox(space: number)
    let old = try entries.map {
      try origin(of: $0.encoded.decodedHeader(), sequence: $0.sequence, space: number)
    }
    try rebuild(entries.flatMap { try settle(space: number, sequence: $0.sequence) })
    let home = environment.random.bytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    try setOwnJournal(
      space: number, as: ReplicaID(device: identity.device, home: home), .start)
    var renamed: [Origin: Origin] = [:]
    for (entry, oldOrigin) in zip(entries, old) where entry.accepted == nil {
      let point = try ownJournal(space: number)
      if !keepsOrigins {
        renamed[oldOrigin] = Origin(
          replica: try journalReplica(space: number), sequence: point.sequence + 1)
      }
      let commit = try entry.commit()
      let header = CommitHeader(
        time: commit.header.time, context: commit.header.context,
        origin: keepsOrigins ? oldOrigin : nil)
      let changes = commit.changes.map { Self.renaming(renamed, in: $0) }
      let anew = Commit(header: header, changes: changes)
      try enqueue(
        EncodedCommit(anew), anew, after: point, space: space, number: number,
        privateCopy: entry.privateCopy)
    }
  }

  /// Decisions that were shown an own unsent one go on naming it.
  private static func renaming(
    _ renamed: [Origin: Origin], in change: RecordChange
  ) -> RecordChange {
    let writes = change.writes.map { write in
      FieldWrite(
        key: write.key, value: write.value, sealed: write.sealed,
        shown: write.shown.map { renamed[$0] ?? $0 })
    }
    return RecordChange(
      type: change.type, record: change.record, operation: change.operation, writes: writes)
  }
}
