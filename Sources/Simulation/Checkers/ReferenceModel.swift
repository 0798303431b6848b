import CBOR
import Merge
import SyncProtocol

/// What a log comes to, worked out in the plainest way: all writes are kept, and what stands is found
/// by the definition each time it is asked for.
///
/// Shares nothing with the registers that it is compared with but the types of ids and values.
struct ReferenceModel {
  struct Key: Hashable {
    let type: String
    let record: RecordID
  }

  /// One write of one key, or one deletion (which has no value).
  struct Write: Hashable {
    let position: Position
    let origin: Origin
    let time: HybridTime
    /// What its author had seen of the log.
    let seen: ReferenceLineage.Seen
    let value: CBORValue?
  }

  struct History {
    var createdAt: Position?
    var writes: [String: [Write]] = [:]
    var deletions: [Write] = []
  }

  private(set) var records: [Key: History] = [:]
  private var lineage = ReferenceLineage()

  /// Takes the next entry. Refusals and all that is not a commit change no record.
  mutating func take(_ entry: LogEntry, at position: Position) throws {
    lineage.take(entry, at: position)
    switch entry.content {
    case .commit(let journal, let encoded):
      take(try encoded.decoded(), from: journal, at: position)
    // Had a value that is gone still to stand, it would stand here as null, and nowhere else.
    case .stub(let journal, let stub): take(try stub.decoded(), from: journal, at: position)
    default: return
    }
  }

  mutating func take(_ commit: Commit, from journal: Origin, at position: Position) {
    let header = commit.header
    let seen = lineage.seen(header.context)
    for change in commit.changes {
      let key = Key(type: change.type, record: change.record)
      // What came back after the server was restored may rest on what is refused by now.
      guard change.operation == .create || records[key] != nil else { continue }
      let write = { (value: CBORValue?) in
        Write(
          position: position, origin: header.origin ?? journal, time: header.time,
          seen: seen, value: value)
      }
      var history = records[key] ?? History()
      if change.operation == .create, history.createdAt == nil { history.createdAt = position }
      if change.operation == .delete { history.deletions.append(write(nil)) }
      for field in change.writes {
        history.writes[field.key, default: []].append(write(field.value))
      }
      records[key] = history
    }
  }

  /// The definition: a value stands unless a later one was written by somebody who had seen it in the
  /// log, or by its own author afterwards.
  static func standing(_ writes: [Write]) -> [Write] {
    writes.enumerated().filter { index, write in
      !writes[(index + 1)...].contains { isOverwritten(write, by: $0) }
    }.map(\.element)
  }

  private static func isOverwritten(_ earlier: Write, by later: Write) -> Bool {
    let isSeen = later.seen.contains(earlier.position)
    let isOwn =
      earlier.origin.replica == later.origin.replica
      && earlier.origin.sequence < later.origin.sequence
    return isSeen || isOwn
  }

  /// Whether a record is deleted, as its type decides between a delete and a concurrent edit.
  static func isGone(_ history: History, _ type: RecordType) -> Bool {
    let deletions = standing(history.deletions)
    if deletions.isEmpty { return false }
    if type.concurrentDelete == .deleteWins { return true }
    for writes in history.writes.values {
      for write in standing(writes) {
        if !deletions.contains(where: { isOverwritten(write, by: $0) }) { return false }
      }
    }
    return true
  }
}
