import Merge
import Signing
import SpaceStore
import SyncProtocol

extension Replica {
  /// Writes a commit anew that was refused for its clock: the old context and origin, a new time.
  ///
  /// Values that a later own commit overwrote are left out, so that the re-issue does not come back
  /// over what its author wrote since (design §4). What was signed stays as it was signed.
  func reissueForClock(space: SpaceID, number: Int64, sequence: UInt64) throws {
    guard let entry = try outboxEntry(space: number, sequence: sequence) else { return }
    let commit = try entry.commit()
    let later = try outbox(space: number).filter { $0.sequence > sequence }
    var overwritten: Set<WrittenKey> = []
    for entry in later {
      for change in try entry.commit().changes {
        for write in change.writes { overwritten.insert(WrittenKey(change, write)) }
      }
    }
    let origin =
      commit.header.origin ?? Origin(replica: identity.replica, sequence: sequence)
    let header = CommitHeader(
      time: try tick(), context: commit.header.context, origin: origin)
    let changes = commit.changes.compactMap { Self.without(overwritten, $0) }
    try rebuild(settle(space: number, sequence: sequence))
    guard !changes.isEmpty else { return }
    let anew = Commit(header: header, changes: changes)
    try enqueue(
      EncodedCommit(anew), anew, after: try ownJournal(space: number), space: space,
      number: number, privateCopy: entry.privateCopy)
  }

  private struct WrittenKey: Hashable {
    let type: String
    let record: RecordID
    let key: String

    init(_ change: RecordChange, _ write: FieldWrite) {
      type = change.type
      record = change.record
      key = write.key
    }
  }

  private static func without(
    _ overwritten: Set<WrittenKey>, _ change: RecordChange
  ) -> RecordChange? {
    // A creation stays whole: its required fields go with it.
    if change.operation == .create { return change }
    let writes = change.writes.filter { !overwritten.contains(WrittenKey(change, $0)) }
    if writes.isEmpty && change.operation == .update { return nil }
    return RecordChange(
      type: change.type, record: change.record, operation: change.operation, writes: writes)
  }
}
