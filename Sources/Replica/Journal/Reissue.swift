import Merge
import SyncProtocol

extension Replica {
  /// Takes the server's final no to an own commit in: written anew where only its clock was wrong,
  /// kept under `rejected` otherwise.
  ///
  /// - Returns: whether it is under `rejected` now.
  @discardableResult
  func takeRefusal(
    _ refusal: Refusal, space: SpaceID, number: Int64, sequence: UInt64
  ) throws -> Bool {
    guard let entry = try outboxEntry(space: number, sequence: sequence) else { return false }
    let commit = try entry.commit()
    if refusal.code == .clockAhead, try mayHaveBeenAhead(commit.header) {
      try reissue(entry, commit, at: try tickAgain(), space: space, number: number)
      return false
    }
    if try hasToWait(commit, refusal, sequence: sequence, number: number) {
      try noteStale(space: number, sequence: sequence)
      return false
    }
    if try dependsOnReissue(commit, refusal, sequence: sequence, number: number) {
      try reissue(entry, commit, at: commit.header.time, space: space, number: number)
      return false
    }
    try reject(space: number, sequence: sequence, refusal)
    return true
  }

  /// A re-issue carries a time that was right when it was made: refused for it once more, there is no
  /// sense in another.
  private func mayHaveBeenAhead(_ header: CommitHeader) throws -> Bool {
    try header.origin == nil || header.time.milliseconds > nowMilliseconds
  }

  /// A reading to replace one that was ahead: later ones that were handed out with it do not count.
  func tickAgain() throws -> HybridTime {
    let now = try nowMilliseconds
    if clock.last.milliseconds > now {
      clock = HybridClock(last: HybridTime(milliseconds: now, counter: 0))
    }
    return try tick()
  }

  /// Whether the refusal is for a record or a decision that is being written anew, and will follow.
  private func dependsOnReissue(
    _ commit: Commit, _ refusal: Refusal, sequence: UInt64, number: Int64
  ) throws -> Bool {
    guard refusal.code == .recordUnknown || refusal.code == .shownUnknown else { return false }
    for entry in try outbox(space: number) where entry.sequence > sequence {
      let other = try entry.commit()
      guard let first = other.header.origin,
        try !isLater(other.header, entry.sequence, than: commit.header, sequence, space: number)
      else { continue }
      let shown = commit.changes.flatMap(\.writes).flatMap(\.shown)
      if shown.contains(first) || Self.creates(other, whatChanges: commit) { return true }
    }
    return false
  }

  /// Whether the commit is sealed under a key that had to be replaced, or rests on one that is.
  private func hasToWait(
    _ commit: Commit, _ refusal: Refusal, sequence: UInt64, number: Int64
  ) throws -> Bool {
    if refusal.code == .epochStale { return true }
    guard refusal.code == .recordUnknown || refusal.code == .shownUnknown else { return false }
    let shown = commit.changes.flatMap(\.writes).flatMap(\.shown)
    for earlier in try staleSequences(space: number) where earlier < sequence {
      guard let entry = try outboxEntry(space: number, sequence: earlier) else { continue }
      let other = try entry.commit()
      let first = try origin(of: other.header, sequence: earlier, space: number)
      if shown.contains(first) || Self.creates(other, whatChanges: commit) { return true }
    }
    return false
  }

  private static func creates(_ other: Commit, whatChanges commit: Commit) -> Bool {
    other.changes.contains { creation in
      creation.operation == .create
        && commit.changes.contains {
          $0.type == creation.type && $0.record == creation.record
        }
    }
  }

  /// Whether a commit was first written after another: within one home their origins tell. A home that
  /// became another one writes under the new name what it writes from then on.
  private func isLater(
    _ header: CommitHeader, _ sequence: UInt64, than other: CommitHeader,
    _ otherSequence: UInt64, space: Int64
  ) throws -> Bool {
    let left = try origin(of: header, sequence: sequence, space: space)
    let right = try origin(of: other, sequence: otherSequence, space: space)
    if left.replica == right.replica { return left.sequence > right.sequence }
    let present = try journalReplica(space: space)
    if left.replica == present || right.replica == present { return left.replica == present }
    return header.time > other.time
  }

  /// Writes a commit anew: the old context and origin, another place in the journal.
  ///
  /// Values that the author has overwritten since are left out, so that the re-issue does not come back
  /// over them (design §4); but for a decision that a later one was shown and rests on. What was signed
  /// stays as it was signed.
  ///
  /// - Parameter reseals: whether what is sealed is sealed again, under the space's present epoch.
  func reissue(
    _ entry: OutboxEntry, _ commit: Commit, at time: HybridTime, space: SpaceID, number: Int64,
    reseals: Bool = false
  ) throws {
    let origin = try origin(of: commit.header, sequence: entry.sequence, space: number)
    let since = try writtenSince(commit.header, entry.sequence, space: number)
    let context = contextOfReissue(commit.header.context, try store.state(space))
    let header = CommitHeader(time: time, context: context, origin: origin)
    var changes = commit.changes.compactMap { Self.without(since, $0) }
    if reseals {
      changes = try resealed(openPrivateCopy(entry.privateCopy), as: changes, in: space)
    }
    try rebuild(settle(space: number, sequence: entry.sequence))
    guard !changes.isEmpty else { return }
    let anew = Commit(header: header, changes: changes)
    try enqueue(
      EncodedCommit(anew), anew, after: try ownJournal(space: number), space: space,
      number: number, privateCopy: entry.privateCopy)
  }

  // MARK: What was written since

  struct RecordKey: Hashable {
    let type: String
    let record: RecordID

    init(_ change: RecordChange) {
      type = change.type
      record = change.record
    }
  }

  struct Since {
    var keys: [RecordKey: Set<String>] = [:]
    var deleted: Set<RecordKey> = []
    /// Decisions that rest on what is written anew: without it they would be refused.
    var restingOnIt: [RecordKey: Set<String>] = [:]

    mutating func take(_ commit: Commit, after first: Origin) {
      for change in commit.changes {
        let key = RecordKey(change)
        keys[key, default: []].formUnion(change.writes.map(\.key))
        let resting = change.writes.filter { $0.shown.contains(first) }
        restingOnIt[key, default: []].formUnion(resting.map(\.key))
        if change.operation == .delete { deleted.insert(key) }
      }
    }
  }

  /// What own commits do that were *first* written after this one, unsent or in the log: an earlier
  /// one that is written anew stands behind it in the journal, and is still the earlier one.
  private func writtenSince(
    _ header: CommitHeader, _ sequence: UInt64, space: Int64
  ) throws -> Since {
    var since = Since()
    let first = try origin(of: header, sequence: sequence, space: space)
    let logged = try store.log.commits(
      space: space, of: journalReplica(space: space), after: min(first.sequence, sequence))
    let unsent = try outbox(space: space).map { ($0.sequence, $0.encoded) }
    for (other, encoded) in unsent + logged.map({ ($0.sequence, $0.commit) }) {
      let commit = try encoded.decoded()
      guard try isLater(commit.header, other, than: header, sequence, space: space) else {
        continue
      }
      since.take(commit, after: first)
    }
    return since
  }

  static func without(_ since: Since, _ change: RecordChange) -> RecordChange? {
    // A creation stays whole: its required fields go with it, and later changes rest on it.
    guard change.operation == .update else { return change }
    let key = RecordKey(change)
    if since.deleted.contains(key) { return nil }
    let overwritten = (since.keys[key] ?? []).subtracting(since.restingOnIt[key] ?? [])
    let writes = change.writes.filter { !overwritten.contains($0.key) }
    if writes.isEmpty { return nil }
    return RecordChange(
      type: change.type, record: change.record, operation: change.operation, writes: writes)
  }
}
