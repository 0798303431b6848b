import CBOR
import Database
import Merge
import SyncProtocol
import TestSupport
import Testing

@testable import SpaceStore

/// A store whose schema grows under way comes to what one comes to that knew everything from the start.
@Suite struct SchemaGrowthTests {
  private static let space: SpaceID = .numbered(1)

  private static func openStore(_ database: SQLiteDatabase, _ schema: Schema) throws -> SpaceStore {
    try SpaceStore(
      database: database, schema: schema, server: .numbered(99), keepsHeads: false)
  }

  private static func newDatabase() throws -> SQLiteDatabase {
    let database = try SQLiteDatabase.inMemory()
    for statement in SpaceStore.allStatements {
      try database.execute(statement)
    }
    return database
  }

  private static func stand(_ store: SpaceStore) throws -> [String: RecordState] {
    let number = try store.number(of: space)
    var found: [String: RecordState] = [:]
    for type in [TestSchema.sample, TestSchema.remark] {
      for record in 0..<RandomLog.recordCount {
        let key = RowKey(space: number, type: type.name, record: .numbered(record))
        found["\(type.name) \(record)"] = try store.tables.acceptedState(key)
      }
    }
    return found
  }

  private static func rows(_ store: SpaceStore) throws -> [[SQLValue]] {
    let layouts = [TestSchema.sample, TestSchema.remark].map {
      TableLayout(type: $0, order: TableLayout.firstOrder($0))
    }
    return try layouts.flatMap { layout in
      let columns = layout.columnNames.map { "\"\($0)\"" }.joined(separator: ", ")
      return try store.database.rows(
        "SELECT record, _created, \(columns) FROM \"\(layout.type.name)\" ORDER BY record"
      ) { row in (0..<row.columnCount).map { row.value($0) } }
    }
  }

  @Test(arguments: 0..<40)
  func whatAnOlderSchemaSkippedIsAppliedLater(seed: UInt64) throws {
    var log = RandomLog(seed: seed)
    var steps = OlderSchema.steps
    let database = try Self.newDatabase()
    var store = try Self.openStore(database, steps.removeFirst())
    let knowing = try Self.openStore(Self.newDatabase(), TestSchema.schema)
    for _ in 0..<60 {
      let (commit, origin) = log.next(after: try store.state(Self.space).position)
      for store in [store, knowing] { try Self.append(commit, origin, to: store) }
      if log.generator.oneIn(20), !steps.isEmpty {
        store = try Self.openStore(database, steps.removeFirst())
        _ = try store.transaction { try store.applyUnapplied() }
      }
    }
    store = try Self.openStore(database, TestSchema.schema)
    _ = try store.transaction { try store.applyUnapplied() }
    #expect(try Self.stand(store) == Self.stand(knowing))
    #expect(try Self.rows(store) == Self.rows(knowing))
    let left = try database.first("SELECT COUNT(*) FROM _unapplied") { $0.integer(0) }
    #expect(left == 0)
    let decisions = try [store, knowing].map { store in
      try store.database.rows("SELECT * FROM _decision ORDER BY record, key, origin") { row in
        (0..<row.columnCount).map { row.value($0) }
      }
    }
    #expect(decisions[0] == decisions[1])
  }

  /// Rows under unsent commits are told, and show both in the end.
  @Test func aRowUnderAnUnsentCommitGrowsToo() throws {
    let database = try Self.newDatabase()
    let older = try Self.openStore(database, OlderSchema.steps[0])
    try Self.append(
      [.init(type: "sample", record: .numbered(1), operation: .create)], 1, to: older)
    let number = try older.number(of: Self.space)
    let key = RowKey(space: number, type: "sample", record: .numbered(1))
    let own = RecordChange(
      type: "sample", record: .numbered(1), operation: .update,
      writes: [FieldWrite(key: "title", value: .text("mine"))])
    let stamp = CommitStamp(
      position: .pending(sequence: 1),
      authorship: Authorship(origin: .of(2, 1), time: HybridTime(milliseconds: 9, counter: 0)),
      seen: Position(1))
    try older.tables.applyOverlay(own, stamp, space: number)
    try Self.append(
      [
        .init(
          type: "sample", record: .numbered(1), operation: .update,
          writes: [FieldWrite(key: "amount", value: .integer(7))])
      ], 2, to: older)
    let newer = try Self.openStore(database, TestSchema.schema)
    newer.log.pendingAuthorship = { _, _ in stamp.authorship }
    let covered = try newer.transaction { try newer.applyUnapplied() }
    #expect(covered == [key])
    try newer.tables.rebuild(key, pending: [(own, stamp)])
    let shown = try newer.tables.shownState(key)
    #expect(shown.registers["amount"]?.siblings.map(\.value) == [.integer(7)])
    #expect(shown.registers["title"]?.siblings.map(\.value) == [.text("mine")])
  }

  /// Its rows would be written without what this schema does not know.
  @Test func aDatabaseOfANewerSchemaIsNotOpened() throws {
    let database = try Self.newDatabase()
    _ = try Self.openStore(database, TestSchema.schema)
    for schema in OlderSchema.steps.dropLast() {
      #expect(throws: SchemaTables.NewerDatabase.self) {
        try Self.openStore(database, schema)
      }
    }
  }

  /// A lone value with a component that is not known has no column: nothing of it is lost.
  @Test func whatHasNoColumnIsKept() throws {
    let store = try Self.openStore(Self.newDatabase(), TestSchema.schema)
    let plan = CBORValue.map(
      CBORMap([
        (.text("mode"), .text("later")), (.text("mood"), .text("good")), (.text("at"), .null),
      ]))
    let writes = [FieldWrite(key: "plan", value: plan)]
    try Self.append(
      [.init(type: "sample", record: .numbered(1), operation: .create, writes: writes)], 1,
      to: store)
    let key = RowKey(
      space: try store.number(of: Self.space), type: "sample", record: .numbered(1))
    let state = try store.tables.shownState(key)
    #expect(state.registers["plan"]?.siblings.map(\.value) == [plan])
    let mode = try store.database.first("SELECT plan_mode FROM sample") { $0.text(0) }
    #expect(mode == "later")
  }

  private static func append(
    _ changes: [RecordChange], _ sequence: UInt64, to store: SpaceStore
  ) throws {
    let position = try store.state(space).position
    let header = CommitHeader(
      time: HybridTime(milliseconds: sequence, counter: 0), context: Context(position: position))
    try append(Commit(header: header, changes: changes), .of(1, sequence), to: store)
  }

  private static func append(_ commit: Commit, _ origin: Origin, to store: SpaceStore) throws {
    try store.transaction {
      _ = try store.append(
        .commit(origin, EncodedCommit(commit)), .commit(commit, origin),
        point: JournalPoint(sequence: origin.sequence, hash: .zero), in: space)
    }
  }
}

/// The schema of the tests as it may have been before, step by step.
private enum OlderSchema {
  static let steps: [Schema] = [
    Schema(types: [
      sample(without: ["amount", "labels", "raw", "decided"], words: 1, parts: ["mode"])
    ]),
    Schema(types: [sample(without: ["raw", "decided"], words: 2, parts: ["mode", "who"])]),
    Schema(types: [
      sample(without: ["decided"], words: 3, parts: ["mode", "who"]), TestSchema.remark,
    ]),
    TestSchema.schema,
  ]

  private static func sample(
    without names: Set<String>, words: Int, parts: Set<String>
  ) -> RecordType {
    let type = TestSchema.sample
    let fields = type.fields.filter { !names.contains($0.name) }.map { field in
      Field(
        name: field.name, kind: kind(field.kind, words, parts), sealed: field.sealed,
        rule: field.rule, order: Array(field.order.prefix(words)), orderedBy: field.orderedBy,
        sizeMax: field.sizeMax)
    }
    return RecordType(
      name: type.name, space: type.space, parent: nil, concurrentDelete: type.concurrentDelete,
      history: type.history, fields: fields, workflows: [], creators: type.creators,
      deleters: type.deleters, createPermission: nil)
  }

  private static func kind(_ kind: Field.Kind, _ words: Int, _ parts: Set<String>) -> Field.Kind {
    switch kind {
    case .enumeration(let values): .enumeration(Array(values.prefix(words)))
    case .group(let components): .group(components.filter { parts.contains($0.name) })
    default: kind
    }
  }
}

/// Commits as several people write them, each having seen some of the log.
private struct RandomLog {
  static let recordCount = 4

  var generator: SplitMix64
  private var created: Set<String> = []
  private var sequences: [Int: UInt64] = [:]
  private var time: UInt64 = 1000

  init(seed: UInt64) { generator = SplitMix64(seed: seed) }

  mutating func next(after position: Position) -> (Commit, Origin) {
    let author = generator.number(1...3)
    sequences[author, default: 0] += 1
    time += UInt64(generator.number(0...2))
    let last = Int(position.rawValue)
    let header = CommitHeader(
      time: HybridTime(milliseconds: time, counter: 0),
      context: Context(position: Position(UInt64(generator.number(last / 2...last)))))
    var records = Set<Int>()
    for _ in 0..<generator.number(1...2) { records.insert(generator.number(0...3)) }
    let changes = records.sorted().map { change($0) }
    return (Commit(header: header, changes: changes), .of(author, sequences[author] ?? 0))
  }

  private mutating func change(_ record: Int) -> RecordChange {
    let type = generator.oneIn(3) ? TestSchema.remark : TestSchema.sample
    let isNew = created.insert("\(type.name) \(record)").inserted
    if !isNew, generator.oneIn(8) {
      return RecordChange(type: type.name, record: .numbered(record), operation: .delete)
    }
    var writes: [FieldWrite] = []
    for field in type.fields where generator.oneIn(3) {
      if field.rule.isSet {
        writes.append(
          FieldWrite(
            key: "\(field.name)/\(generator.pick(["a", "b"]))", value: .bool(generator.oneIn(2))))
      } else {
        writes.append(
          FieldWrite(
            key: field.name, value: generator.value(of: field), sealed: field.sealed))
      }
    }
    return RecordChange(
      type: type.name, record: .numbered(record), operation: isNew ? .create : .update,
      writes: writes)
  }
}
