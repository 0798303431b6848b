import Database
import Merge
import Signing
import SpaceStore
import SyncProtocol

/// Whether what waits to be sent from one space is as it was written, and the next write would follow
/// it.
struct OutboxCheck {
  let replica: Replica
  let space: SpaceID
  let number: Int64

  /// An unsent commit that decodes.
  private struct Unsent {
    let entry: OutboxEntry
    let commit: Commit
    let point: JournalPoint
  }

  func run(_ report: inout CheckReport) throws {
    let journal = try replica.journalReplica(space: number)
    var last: JournalPoint?
    for stored in try storedSequences() {
      report.count(.outbox)
      guard let sequence = Self.sequence(stored) else {
        report.add(.outbox, "a commit's number is none", in: space, .none)
        continue
      }
      guard let unsent = try unsent(sequence, journal) else {
        report.add(.outbox, "commit \(sequence) cannot be read", in: space, .none)
        last = nil
        continue
      }
      let before = try last ?? logged(sequence - 1, journal)
      if unsent.point.hash != unsent.entry.hash
        || (before?.sequence == sequence - 1 && before?.hash != unsent.entry.previous)
      {
        report.add(.outbox, "commit \(sequence) is not as it was written", in: space, .none)
      } else if try !isFiled(unsent) {
        report.add(.index, "unsent commit \(sequence) is not filed", in: space, .rebuild)
      }
      last = JournalPoint(sequence: sequence, hash: unsent.entry.hash)
    }
    try checkOwnJournal(last, journal, &report)
  }

  private func storedSequences() throws -> [Int64] {
    try replica.database.rows(
      "SELECT sequence FROM outbox WHERE space = ? ORDER BY sequence", .integer(number)
    ) { $0.integer(0) }
  }

  private static func sequence(_ stored: Int64) -> UInt64? {
    guard let sequence = UInt64(exactly: stored), (1..<Position.countMax).contains(sequence) else {
      return nil
    }
    return sequence
  }

  private func unsent(_ sequence: UInt64, _ journal: ReplicaID) throws -> Unsent? {
    do {
      guard let entry = try replica.outboxEntry(space: number, sequence: sequence) else {
        return nil
      }
      let point = JournalPoint(sequence: sequence - 1, hash: entry.previous)
        .next(space, journal, content: entry.encoded.contentHash)
      return Unsent(entry: entry, commit: try entry.commit(), point: point)
    } catch is WireError {
      return nil
    } catch ReplicaError.homeDamaged {
      return nil
    }
  }

  private func logged(_ sequence: UInt64, _ journal: ReplicaID) throws -> JournalPoint? {
    if sequence == 0 { return .start }
    let point = try replica.store.log.journalPoint(
      space: number, replica: journal, upTo: sequence)
    return point.sequence == sequence ? point : nil
  }

  /// Whether what is looked up about the commit is what it says.
  private func isFiled(_ unsent: Unsent) throws -> Bool {
    let stored = try replica.database.first(
      "SELECT time, origin FROM outbox WHERE space = ? AND sequence = ?", .integer(number),
      .integer(Int64(unsent.entry.sequence))
    ) { ($0.integer(0), $0.optionalBlob(1)) }
    let header = unsent.commit.header
    guard let stored, stored.0 == Int64(bitPattern: header.time.rawValue),
      stored.1 == header.origin?.packed
    else { return false }
    return try unsent.commit.changes.allSatisfy { change in
      let row = RowKey(space: number, type: change.type, record: change.record)
      if try replica.isFiled(unsent.entry.sequence, under: row) { return true }
      return try replica.store.tables.unsentCreation(row) == unsent.entry.sequence
    }
  }

  /// The journal goes on where the outbox ends, or else where the log has it.
  private func checkOwnJournal(
    _ last: JournalPoint?, _ journal: ReplicaID, _ report: inout CheckReport
  ) throws {
    report.count(.ownJournals)
    guard let own = try storedPoint() else {
      report.add(
        .ownJournals, "the end of the own journal cannot be read", in: space,
        try truth(last, journal) == nil ? .none : .rebuild)
      return
    }
    guard let truth = try truth(last, journal) else { return }
    // What was refused and has not come back in the log stands in neither.
    let isPast = own.sequence > truth.sequence && last?.sequence != own.sequence
    guard own != truth, !isPast else { return }
    report.add(
      .ownJournals, "the own journal does not end where its last commit is", in: space, .rebuild)
  }

  private func storedPoint() throws -> JournalPoint? {
    do { return try replica.ownJournal(space: number) } catch ReplicaError.homeDamaged {
      return nil
    }
  }

  /// The last point that commits here show; `nil` where none does.
  func truth(_ last: JournalPoint?, _ journal: ReplicaID) throws -> JournalPoint? {
    let logged = try replica.store.log.journalPoint(space: number, replica: journal)
    guard let last, last.sequence >= logged.sequence else {
      return logged.sequence > 0 ? logged : nil
    }
    return last
  }

  /// Puts the end of the own journal where the last commit is.
  func repairOwnJournal() throws {
    let journal = try replica.journalReplica(space: number)
    let last = try storedSequences().compactMap(Self.sequence).last
      .flatMap { try unsent($0, journal) }
      .map { JournalPoint(sequence: $0.entry.sequence, hash: $0.entry.hash) }
    guard let truth = try truth(last, journal) else { return }
    try replica.setOwnJournal(space: number, truth)
  }
}
