import CBOR
import Database
import Merge
import SyncProtocol
import TestSupport
import Testing

@testable import SpaceStore

/// What is kept in memory follows what is on disk.
@Suite struct TransactionTests {
  private struct Stop: Error {}

  private let space: SpaceID = .numbered(1)

  private func append(_ store: SpaceStore, _ sequence: UInt64) throws {
    let change = RecordChange(
      type: "remark", record: .numbered(Int(sequence)), operation: .create,
      writes: [FieldWrite(key: "text", value: .text("x"))])
    let commit = Commit(
      header: CommitHeader(
        time: HybridTime(milliseconds: sequence, counter: 0), context: Context(position: .zero)),
      changes: [change])
    try store.append(
      .commit(.of(1, sequence), EncodedCommit(commit)), .commit(commit, .of(1, sequence)),
      point: JournalPoint(sequence: sequence, hash: .zero), in: space)
  }

  @Test func aRolledBackTransactionIsForgotten() throws {
    let store = try makeStore()
    try store.transaction { try append(store, 1) }
    let before = (try store.head(space), try store.state(space).stored)
    #expect(throws: Stop.self) {
      try store.transaction {
        try append(store, 2)
        _ = try store.number(of: .numbered(2))
        throw Stop()
      }
    }
    #expect(try store.head(space) == before.0)
    #expect(try store.state(space).stored == before.1)
    let knows = try store.knows(.numbered(2))
    #expect(!knows)
    let spaces = try store.spaceIDs()
    #expect(spaces == [space])
    // The same again, now for good: under the same numbers.
    try store.transaction { try append(store, 2) }
    #expect(try store.state(space).position == Position(2))
    #expect(try store.journalPoint(space, .home(of: 1)).sequence == 2)
  }

  /// A replica's number that was given in a rolled-back transaction belongs to nobody.
  @Test func aReplicasNumberIsForgottenToo() throws {
    let store = try makeStore()
    #expect(throws: Stop.self) {
      try store.transaction {
        try append(store, 1)
        throw Stop()
      }
    }
    let key = try store.number(of: space)
    try store.database.run("INSERT INTO replica (id) VALUES (x'01')")
    try store.transaction { try append(store, 1) }
    let found = try store.log.find(space: key, .of(1, 1))
    #expect(found?.position == Position(1))
    let authorship = try store.log.authorship(space: key, at: Position(1))
    #expect(authorship.origin == .of(1, 1))
  }

  @Test func anOverlayThatIsRolledBackLeavesNoImage() throws {
    let store = try makeStore()
    try store.transaction { try append(store, 1) }
    let number = try store.number(of: space)
    let key = RowKey(space: number, type: "remark", record: .numbered(1))
    let before = try store.tables.shownState(key)
    let stamp = CommitStamp(
      position: .pending(sequence: 1),
      authorship: Authorship(
        origin: .of(2, 1), time: HybridTime(milliseconds: 9, counter: 0)),
      seen: Position(1))
    let change = RecordChange(
      type: "remark", record: .numbered(1), operation: .update,
      writes: [FieldWrite(key: "text", value: .text("y"))])
    #expect(throws: Stop.self) {
      try store.transaction {
        try store.tables.applyOverlay(change, stamp, space: number)
        throw Stop()
      }
    }
    let after = try store.tables.shownState(key)
    #expect(after == before)
    // Not taken for a row under an overlay: what comes in is shown.
    let accepted = CommitStamp(
      position: Position(2), authorship: stamp.authorship, seen: Position(1))
    let isCovered = try store.tables.applyAccepted(change, accepted, space: number)
    #expect(!isCovered)
  }

  /// A new connection finds all of it.
  @Test func aPurgeKeepsTheHead() throws {
    let store = try makeStore()
    try store.transaction { try append(store, 1) }
    let head = try store.head(space)
    try store.transaction { try store.purge(space) }
    let second = try SpaceStore(
      database: store.database, schema: TestSchema.schema, server: .numbered(99),
      keepsHeads: false)
    #expect(try second.head(space) == head)
    let number = try second.number(of: space)
    let entry = try second.log.entry(space: number, at: Position(1))
    #expect(entry == nil)
    let rows = try second.database.first("SELECT COUNT(*) FROM remark") { $0.integer(0) }
    #expect(rows == 0)
  }
}
