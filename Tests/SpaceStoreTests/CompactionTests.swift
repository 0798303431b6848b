import Merge
import SyncProtocol
import TestSupport
import Testing

@testable import SpaceStore

/// What a log comes to does not depend on when, or whether, it was compacted.
@Suite struct CompactionTests {
  private static let stepCount = 90

  /// The invariant of design §6: for every earlier cursor, its state and the compacted rest make the
  /// state of the whole log. Between a stub and what covers it the reader knows that it is behind;
  /// wherever it is complete, it has exactly what the whole log comes to there.
  @Test(arguments: 0..<10 as Range<UInt64>)
  func everyCursorComesToTheSame(seed: UInt64) throws {
    let model = try CompactionModel(seed: seed)
    try model.run(stepCount: Self.stepCount)
    let served = try model.served()
    let head = try model.server.head(CompactionModel.space)
    for cursor in stride(from: 0, through: model.log.count, by: 5) {
      let reader = try makeStore(schema: TestSchema.compactable)
      for item in model.log.prefix(cursor) {
        try CompactionModel.take(item.entry, item.point, into: reader)
      }
      for index in cursor..<model.log.count {
        try CompactionModel.take(served[index], model.log[index].point, into: reader)
        if try reader.isIncomplete(CompactionModel.space) { continue }
        let expected = model.states[index + 1]
        let own = try CompactionModel.states(reader, rows: Set(expected.keys))
        try #require(own == expected, "from \(cursor), at \(index + 1)")
      }
      #expect(try !reader.isIncomplete(CompactionModel.space))
      #expect(try reader.head(CompactionModel.space) == head)
    }
  }

  /// Exactly what is covered, by the definition in its plainest form, becomes a stub.
  @Test(arguments: 0..<10 as Range<UInt64>)
  func whatIsCoveredGoesAndNothingElse(seed: UInt64) throws {
    let model = try CompactionModel(seed: seed)
    try model.run(stepCount: Self.stepCount)
    var stubs: Set<Int> = []
    for (index, entry) in try model.served().enumerated() {
      if case .stub = entry {
        stubs.insert(index)
      } else {
        #expect(entry == model.log[index].entry)
      }
    }
    var covered: Set<Int> = []
    for index in model.log.indices where isCovered(index, in: model) { covered.insert(index) }
    #expect(stubs == covered)
    #expect(!stubs.isEmpty)
  }

  private func isCovered(_ index: Int, in model: CompactionModel) -> Bool {
    guard case .commit(let commit, let origin) = model.log[index].fact,
      commit.changes.contains(where: { !$0.writes.isEmpty })
    else { return false }
    let position = UInt64(index) + 1
    let first = commit.header.origin ?? origin
    let covering = commit.changes.flatMap { change in
      change.writes.map { write in
        model.log.indices.first { later in
          later > index && covers(model.log[later].fact, change, write, position, first)
        }
      }
    }
    guard let last = covering.max(by: { ($0 ?? .max) < ($1 ?? .max) }), let last else {
      return false
    }
    return !model.limits.contains { position <= $0.rawValue && $0.rawValue < UInt64(last) + 1 }
  }

  private func covers(
    _ fact: LogFact, _ change: RecordChange, _ write: FieldWrite, _ position: UInt64,
    _ origin: Origin
  ) -> Bool {
    guard case .commit(let commit, let journal) = fact else { return false }
    let author = commit.header.origin ?? journal
    let isSeen =
      position <= commit.header.context.position.rawValue
      || (author.replica == origin.replica && origin.sequence < author.sequence)
    return isSeen
      && commit.changes.contains { later in
        guard later.type == change.type, later.record == change.record else { return false }
        if later.operation == .delete { return later.type == "remark" }
        return later.writes.contains { $0.key == write.key } && write.key != "raw"
      }
  }

  /// Whatever a server leaves out that nothing covers, its reader misses.
  @Test(arguments: 0..<6 as Range<UInt64>)
  func anUncoveredStubIsMissed(seed: UInt64) throws {
    let model = try CompactionModel(seed: seed)
    try model.run(stepCount: 60)
    let served = try model.served()
    for index in served.indices {
      guard case .commit(let origin, let commit) = served[index] else { continue }
      let reader = try makeStore(schema: TestSchema.compactable)
      for (place, entry) in served.enumerated() {
        let shown = place == index ? LogEntry.stub(origin, CommitStub(of: commit)) : entry
        try CompactionModel.take(shown, model.log[place].point, into: reader)
      }
      // A limit may be the only reason why it was kept.
      let isOwed = try commit.decoded().changes.contains { !$0.writes.isEmpty }
      let isKeptForLimit = model.limits.contains { UInt64(index) + 1 <= $0.rawValue }
      let isIncomplete = try reader.isIncomplete(CompactionModel.space)
      if isIncomplete {
        let positions = try reader.stubKeys.positions(space: 1)
        #expect(positions == [Position(UInt64(index) + 1)])
      } else {
        #expect(!isOwed || isKeptForLimit)
      }
    }
  }

  @Test func aPurgedSpaceOwesNothing() throws {
    let reader = try makeStore(schema: TestSchema.compactable)
    let commit = Commit(
      header: CommitHeader(time: .zero, context: Context(position: .zero)),
      changes: [
        RecordChange(
          type: "remark", record: .numbered(1), operation: .create,
          writes: [FieldWrite(key: "text", value: .text("a"))])
      ])
    let stub = LogEntry.stub(.of(1, 1), CommitStub(of: EncodedCommit(commit)))
    try CompactionModel.take(
      stub, JournalPoint(sequence: 1, hash: .zero), into: reader)
    #expect(try reader.isIncomplete(CompactionModel.space))
    try reader.purge(CompactionModel.space)
    #expect(try !reader.isIncomplete(CompactionModel.space))
  }

  /// Whatever the counts say, a value that is shown stays.
  @Test func aWrongCountDropsNothingThatStands() throws {
    let server = try makeStore(keepsHeads: true, schema: TestSchema.compactable)
    let commit = Commit(
      header: CommitHeader(time: .zero, context: Context(position: .zero)),
      changes: [
        RecordChange(
          type: "remark", record: .numbered(1), operation: .create,
          writes: [FieldWrite(key: "text", value: .text("a"))])
      ])
    let entry = LogEntry.commit(.of(1, 1), EncodedCommit(commit))
    try CompactionModel.take(entry, JournalPoint(sequence: 1, hash: .zero), into: server)
    try server.database.execute("INSERT INTO overwritten VALUES (1, 1, 0, 1)")
    let count = try server.compact(
      CompactionModel.space, horizon: Position(1), limits: [], countMax: 9)
    #expect(count == 0)
    #expect(try server.log.entry(space: 1, at: Position(1)) == entry)
  }

  /// What waits for somebody who has not read the overwriting value stays.
  @Test func theHorizonIsKept() throws {
    let server = try makeStore(keepsHeads: true, schema: TestSchema.compactable)
    let space = CompactionModel.space
    for (number, text) in ["a", "b"].enumerated() {
      let commit = Commit(
        header: CommitHeader(
          time: .zero, context: Context(position: Position(UInt64(number)))),
        changes: [
          RecordChange(
            type: "remark", record: .numbered(1), operation: number == 0 ? .create : .update,
            writes: [FieldWrite(key: "text", value: .text(text))])
        ])
      let origin = Origin.of(1, UInt64(number) + 1)
      try CompactionModel.take(
        .commit(origin, EncodedCommit(commit)),
        JournalPoint(sequence: origin.sequence, hash: .zero), into: server)
    }
    let compact = { (horizon: UInt64, limits: [Position]) in
      try server.compact(space, horizon: Position(horizon), limits: limits, countMax: 9)
    }
    #expect(try compact(1, []) == 0)
    #expect(try compact(2, []) == 1)
    #expect(try compact(2, []) == 0)
  }
}
