import Merge
import SyncProtocol

extension Replica {
  /// Whether an own commit in the log is the one that this home wrote: a home that was restored from
  /// a backup, or copied and used twice, meets others under its own numbers.
  func isOwn(_ point: JournalPoint, space: Int64) throws -> Bool {
    guard let entry = try outboxEntry(space: space, sequence: point.sequence) else { return true }
    return entry.hash == point.hash
  }

  /// Goes on from where the log knows this home's journal, if that is not where the home believes it
  /// to be. What is unsent is written anew behind it, in order, with its context and origin: nothing
  /// that another copy wrote is taken for it, or overwritten by it.
  func followJournal(of space: SpaceID, number: Int64) throws {
    let logged = try store.journalPoint(space, identity.replica)
    let entries = try outbox(space: number)
    let isOvertaken = entries.contains { $0.sequence <= logged.sequence }
    guard try isOvertaken || ownJournal(space: number).sequence < logged.sequence else { return }
    try rebuild(entries.flatMap { try settle(space: number, sequence: $0.sequence) })
    try setOwnJournal(space: number, logged)
    for entry in entries {
      let commit = try entry.commit()
      let origin =
        commit.header.origin ?? Origin(replica: identity.replica, sequence: entry.sequence)
      let header = CommitHeader(
        time: commit.header.time, context: commit.header.context, origin: origin)
      let anew = Commit(header: header, changes: commit.changes)
      try enqueue(
        EncodedCommit(anew), anew, after: try ownJournal(space: number), space: space,
        number: number, privateCopy: entry.privateCopy)
    }
  }
}
