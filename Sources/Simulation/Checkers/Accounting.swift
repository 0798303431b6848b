import Database
import Merge
import Replica
import SpaceStore
import SyncProtocol

/// A commit that a device has acknowledged to its person.
package struct Written: Hashable, Sendable {
  package let party: String
  package let space: SpaceID
  package let origin: Origin
  /// What it says. A home that becomes another replica writes it anew as its own, and this is how it is
  /// found again; empty where that does not happen.
  package let changes: [RecordChange]

  package init(party: String, space: SpaceID, origin: Origin, changes: [RecordChange] = []) {
    self.party = party
    self.space = space
    self.origin = origin
    self.changes = changes.map(\.withoutShown)
  }
}

extension Written {
  /// Records' ids are made for one commit only; what is sealed may have been sealed again.
  fileprivate func isSame(_ commit: Commit) -> Bool {
    let found = commit.changes.map(\.withoutShown)
    // Of a commit whose values are gone the keys tell.
    return changes.map(\.withoutSealed) == found.map(\.withoutSealed)
      || changes.map(\.withoutValues) == found
  }

  /// Whether a re-issue is what was left of this one when it was written anew.
  fileprivate func isLeft(of commit: Commit) -> Bool {
    commit.header.origin != nil && !changes.isEmpty && covers(commit)
  }

  /// Whether a commit under this origin is this one, or what a re-issue has left of it: a copy of the
  /// home may have written something else under the same number.
  fileprivate func covers(_ commit: Commit) -> Bool {
    if changes.isEmpty { return true }
    return commit.changes.allSatisfy { change in
      changes.contains { own in
        own.type == change.type && own.record == change.record
          && own.operation == change.operation
          && change.writes.allSatisfy { write in
            // What is sealed may have been sealed again.
            own.writes.contains {
              $0.key == write.key
                && (write.sealed || write.isWrap || $0.value == write.value)
            }
          }
      }
    }
  }
}

extension FieldWrite {
  /// The name of a wrap, which is another one where its key was wrapped again.
  fileprivate var isWrap: Bool { key == "wrap" }
}

extension RecordChange {
  fileprivate var withoutValues: RecordChange {
    RecordChange(
      type: type, record: record, operation: operation,
      writes: writes.map { FieldWrite(key: $0.key, value: .null, sealed: $0.sealed) })
  }

  fileprivate var withoutSealed: RecordChange {
    RecordChange(
      type: type, record: record, operation: operation,
      writes: writes.map {
        let isKept = !$0.isWrap && !$0.sealed
        return FieldWrite(key: $0.key, value: isKept ? $0.value : .bool(true), sealed: $0.sealed)
      })
  }

  /// Names of what was shown change with the replica.
  fileprivate var withoutShown: RecordChange {
    RecordChange(
      type: type, record: record, operation: operation,
      writes: writes.map { FieldWrite(key: $0.key, value: $0.value, sealed: $0.sealed) })
  }
}

extension World {
  /// What was written and is lost or doubled.
  ///
  /// Each commit stands once in the server's log, under the origin that it was first written under;
  /// or it was refused, and its author keeps it; or it had to be written anew, and its author had
  /// overwritten all of it by then.
  package func unaccounted(_ written: some Sequence<Written>) throws -> [(Written, count: Int)] {
    var accounts: [SpaceID: Account] = [:]
    var result: [(Written, count: Int)] = []
    for item in written {
      let account =
        try accounts[item.space] ?? withServerStore { try Account($0, item.space) }
      accounts[item.space] = account
      let kept = try self[item.party].rejected(in: item.space)
      let count =
        (account.accepted[item.origin]?.count(where: item.covers) ?? 0)
        + kept.count { $0.origin == item.origin && item.covers($0.commit) }
      if count == 0, account.stands(item) || kept.contains(where: { item.isSame($0.commit) }) {
        continue
      }
      // A home that became another replica was refused under the new name.
      let isOverwritten = account.refusals(of: item).contains { origin in
        let later =
          account.later(than: origin)
          + kept.filter { $0.origin.replica == origin.replica && $0.origin > origin }
          .map(\.commit)
        return account.isOverwritten(origin, by: later)
      }
      if count != 1, count != 0 || !isOverwritten { result.append((item, count)) }
    }
    return result
  }
}

/// What a space's log says of its commits, by the origin they were first written under.
private struct Account {
  private(set) var accepted: [Origin: [Commit]] = [:]
  /// Refused for their clock, or because they depend on one that was.
  private var refused: [Origin: Commit] = [:]
  /// Under which names a home went on that still had to write anew what it had written under another.
  private var successors: [ReplicaID: Set<ReplicaID>] = [:]

  init(_ store: SpaceStore, _ space: SpaceID) throws {
    // A restored server may never have heard of it.
    guard try store.knows(space) else { return }
    var found: [(LogEntry, Origin, Commit)] = []
    try store.eachEntry(space) { _, entry in
      guard let journal = entry.journalOrigin, let commit = try entry.decodedCommit() else {
        return
      }
      let origin = commit.header.origin ?? journal
      found.append((entry, origin, commit))
      if origin.replica != journal.replica {
        successors[origin.replica, default: []].insert(journal.replica)
      }
    }
    for (entry, origin, commit) in found {
      if case .refusal = entry.content {
        refused[origin] = commit
      } else {
        accepted[origin, default: []].append(commit)
      }
    }
  }

  /// Whether the commit stands under another origin of the same device.
  func stands(_ item: Written) -> Bool {
    accepted.contains { origin, commits in
      origin.replica.device == item.origin.replica.device
        && commits.contains { item.isSame($0) || item.isLeft(of: $0) }
    }
  }

  /// Where the commit was refused: under its own origin, or under another of the same device.
  func refusals(of item: Written) -> [Origin] {
    refused.filter { origin, commit in
      origin == item.origin
        || origin.replica.device == item.origin.replica.device && !item.changes.isEmpty
          && item.changes.count == commit.changes.count && item.covers(commit)
    }.map(\.key).sorted()
  }

  /// What a home writes under its next name is later than all that it wrote under the one before.
  func later(than origin: Origin) -> [Commit] {
    let after = successors[origin.replica] ?? []
    return accepted.filter { other, _ in
      other.replica == origin.replica ? other > origin : after.contains(other.replica)
    }.flatMap(\.value)
  }

  func isOverwritten(_ origin: Origin, by later: [Commit]) -> Bool {
    guard let commit = refused[origin] else { return false }
    return commit.changes.allSatisfy { change in
      let others = later.flatMap(\.changes)
        .filter { $0.type == change.type && $0.record == change.record }
      if others.contains(where: { $0.operation == .delete }) { return true }
      let keys = Set(others.flatMap(\.writes).map(\.key))
      return change.operation == .update && keys.isSuperset(of: change.writes.map(\.key))
    }
  }
}

extension Party {
  /// What is under `rejected`, by the origin it was first written under.
  package func rejected(in space: SpaceID) throws -> [(origin: Origin, commit: Commit)] {
    // A home that is new does not know all that its person once wrote.
    guard try replica.store.knows(space) else { return [] }
    let number = try replica.store.number(of: space)
    return try replica.database.rows(
      "SELECT sequence, body, home FROM rejected WHERE space = ?", .integer(number)
    ) { row in
      let commit = try EncodedCommit(decoding: row.blob(1)).decoded()
      let home = UInt64(bitPattern: row.integer(2))
      let journal = Origin(
        replica: ReplicaID(device: replica.identity.device, home: home),
        sequence: UInt64(row.integer(0)))
      return (commit.header.origin ?? journal, commit)
    }
  }

  /// What waits to be sent, oldest first.
  package func unsent() throws -> [(written: Written, commit: Commit)] {
    try replica.database.rows(
      """
      SELECT space.id, outbox.sequence, outbox.body FROM outbox
      JOIN space ON space.number = outbox.space ORDER BY outbox.space, outbox.sequence
      """
    ) { row in
      guard let space = SpaceID(row.blob(0)) else { throw StateError.damaged }
      let commit = try EncodedCommit(decoding: row.blob(2)).decoded()
      let journal = Origin(
        replica: try replica.journalReplica(space: replica.store.number(of: space)),
        sequence: UInt64(row.integer(1)))
      let written = Written(
        party: name, space: space, origin: commit.header.origin ?? journal,
        changes: commit.changes)
      return (written, commit)
    }
  }
}
