import Database
import Merge
import SyncProtocol
import Testing

@testable import Replica
@testable import SpaceStore

extension World {
  /// Nothing is lost and nothing doubled: each commit stands once in the server's log, under the
  /// origin that it was first written under; or it was refused, and its author keeps it; or it had
  /// to be written anew, and its author had overwritten all of it by then.
  func expectAccounted(
    _ written: [Written], _ location: SourceLocation = #_sourceLocation
  ) throws {
    var accounts: [SpaceID: Account] = [:]
    for space in Set(written.map(\.space)) {
      accounts[space] = try withServerStore { try Account($0, space) }
    }
    for item in written {
      guard let account = accounts[item.space] else { continue }
      let kept = try self[item.party].rejected(in: item.space)
      let count =
        (account.accepted[item.origin]?.count ?? 0) + kept.count { $0.origin == item.origin }
      let later =
        account.later(than: item.origin)
        + kept.filter { $0.origin > item.origin }.map(\.commit)
      let isOverwritten = account.isOverwritten(item.origin, by: later)
      #expect(count == 1 || (count == 0 && isOverwritten), "\(item)", sourceLocation: location)
    }
  }
}

/// What a space's log says of its commits, by the origin they were first written under.
private struct Account {
  private(set) var accepted: [Origin: [Commit]] = [:]
  /// Refused for their clock, or because they depend on one that was.
  private var refused: [Origin: Commit] = [:]

  init(_ store: SpaceStore, _ space: SpaceID) throws {
    let number = try store.number(of: space)
    var after = Position.zero
    while true {
      let entries = try store.log.entries(space: number, after: after, byteCountMax: 1 << 20)
      if entries.isEmpty { return }
      for entry in entries { try take(entry) }
      after = Position(after.rawValue + UInt64(entries.count))
    }
  }

  private mutating func take(_ entry: LogEntry) throws {
    guard let journal = entry.journalOrigin, let commit = try entry.commit?.decoded() else {
      return
    }
    let origin = commit.header.origin ?? journal
    if case .refusal = entry {
      refused[origin] = commit
    } else {
      accepted[origin, default: []].append(commit)
    }
  }

  func later(than origin: Origin) -> [Commit] {
    accepted.filter { $0.key.replica == origin.replica && $0.key > origin }.flatMap(\.value)
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
  func rejected(in space: SpaceID) throws -> [(origin: Origin, commit: Commit)] {
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
}
