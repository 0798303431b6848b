import Database
import Foundation
import TestSupport
import Testing

@Suite struct SQLiteDurabilityTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func settingsAreKept() throws {
    let database = try folder.open()
    let expected: [(pragma: String, value: SQLValue)] = [
      ("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("temp_store", 2),
      ("secure_delete", 1), ("trusted_schema", 0), ("cell_size_check", 1), ("mmap_size", 0),
      ("cache_size", 2_000), ("busy_timeout", 0),
    ]
    for (pragma, value) in expected {
      let kept = try database.first("PRAGMA \(pragma)") { $0.value(0) }
      #expect(kept == value, "\(pragma)")
    }
    let relaxed = try folder.open {
      $0.durability = .normal
      $0.isDeletionSecure = false
    }
    #expect(try relaxed.number("PRAGMA synchronous") == 1)
    #expect(try relaxed.number("PRAGMA secure_delete") == 0)
  }

  /// The second time too: SQLite carries the setting out when the statement is prepared.
  @Test func onlyHintsDoNotWaitForTheDisk() throws {
    let database = try folder.open()
    try database.execute("CREATE TABLE t (a)")
    struct Stop: Error {}
    for round in 0..<3 {
      try database.withoutSyncing {
        #expect(try database.number("PRAGMA synchronous") == 1)
        try database.transaction { try database.run("INSERT INTO t VALUES (?)", .integer(1)) }
      }
      #expect(try database.number("PRAGMA synchronous") == 2, "round \(round)")
      #expect(throws: Stop.self) { try database.withoutSyncing { throw Stop() } }
      #expect(try database.number("PRAGMA synchronous") == 2, "round \(round)")
    }
    #expect(try database.number("SELECT COUNT(*) FROM t") == 3)
  }

  @Test func theSchemaCannotBeWrittenAround() throws {
    let database = try folder.open()
    try database.execute("CREATE TABLE t (a)")
    #expect(throws: SQLError.self) {
      try database.execute(
        "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'x' WHERE name = 't'")
    }
  }

  @Test func foreignKeysHold() throws {
    let database = try folder.open()
    try database.execute(
      "CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (a REFERENCES a)")
    #expect(try category { try database.run("INSERT INTO b VALUES (1)") } == .constraint)
  }

  /// The files as they are in the middle of a transaction are what a crash leaves.
  @Test func aCrashLeavesWholeTransactions() throws {
    let database = try folder.open()
    try database.execute("CREATE TABLE t (a INTEGER, b BLOB)")
    let block = SQLValue.blob([UInt8](repeating: 1, count: 2000))
    for number in 1...5 as ClosedRange<Int64> {
      try database.transaction {
        for _ in 0..<10 { try database.run("INSERT INTO t VALUES (?, ?)", .integer(number), block) }
      }
    }
    try database.transaction {
      // A cache this small spills what is not committed into the WAL.
      try database.execute("PRAGMA cache_size = 1")
      for _ in 0..<200 { try database.run("INSERT INTO t VALUES (6, ?)", block) }
      try folder.copyDatabase(to: "crashed.db")
    }
    let crashed = try folder.open("crashed.db")
    #expect(try crashed.integrityCheck() == [])
    #expect(try crashed.number("SELECT count(*) FROM t") == 50)
    #expect(try crashed.number("SELECT max(a) FROM t") == 5)
    #expect(try database.number("SELECT count(*) FROM t") == 250)
  }

  @Test func aTornWALLosesOnlyTheEnd() throws {
    let database = try folder.open()
    try database.execute("CREATE TABLE t (a INTEGER)")
    for number in 1...20 as ClosedRange<Int64> {
      try database.run("INSERT INTO t VALUES (?)", .integer(number))
    }
    try folder.copyDatabase(to: "torn.db")
    let wal = URL(filePath: folder.file("torn.db-wal"))
    let content = try Data(contentsOf: wal)
    try content.prefix(content.count - 3000).write(to: wal)
    let torn = try folder.open("torn.db")
    #expect(try torn.integrityCheck() == [])
    #expect(try torn.number("SELECT max(a) FROM t") == 19)
  }

  @Test func aFullDiskLosesNothing() throws {
    let database = try folder.open { $0.pageCountMax = 20 }
    try database.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b BLOB)")
    let block = SQLValue.blob([UInt8](repeating: 1, count: 3000))
    for _ in 0..<5 { try database.run("INSERT INTO t (b) VALUES (?)", block) }
    let failure = try category {
      try database.transaction {
        for _ in 0..<100 { try database.run("INSERT INTO t (b) VALUES (?)", block) }
      }
    }
    #expect(failure == .full)
    // Nor does it hide behind what goes on in the transaction that was lost with it.
    let later = try category {
      try database.transaction {
        _ = try category {
          for _ in 0..<100 { try database.run("INSERT INTO t (b) VALUES (?)", block) }
        }
        try database.run("INSERT INTO t (b) VALUES (?)", block)
      }
    }
    #expect(later == .full)
    #expect(!database.isInTransaction)
    #expect(try database.number("SELECT count(*) FROM t") == 5)
    #expect(try database.integrityCheck() == [])
    // What fits is still taken.
    try database.transaction { try database.run("DELETE FROM t WHERE a = 1") }
    try database.transaction { try database.run("INSERT INTO t (b) VALUES (?)", block) }
    try database.close()
    #expect(try folder.open().number("SELECT count(*) FROM t") == 5)
  }

  @Test func deletedContentIsOverwritten() throws {
    let needle = "a needle that nobody may find again"
    let database = try folder.open()
    try database.execute("CREATE TABLE t (a TEXT)")
    try database.run("INSERT INTO t VALUES (?)", .text(needle))
    try database.checkpoint()
    let file = URL(filePath: folder.file())
    #expect(try Data(contentsOf: file).range(of: Data(needle.utf8)) != nil)
    try database.run("DELETE FROM t")
    #expect(try database.checkpoint())
    #expect(try Data(contentsOf: file).range(of: Data(needle.utf8)) == nil)
    #expect(try Data(contentsOf: URL(filePath: folder.file() + "-wal")).isEmpty)
  }

  @Test func aReaderHoldsUpACheckpoint() throws {
    let database = try folder.open()
    try database.execute("CREATE TABLE t (a)")
    let reader = try folder.open { $0.isReadOnly = true }
    try reader.snapshot {
      _ = try reader.number("SELECT count(*) FROM t")
      try database.run("INSERT INTO t VALUES (1)")
      #expect(try !database.checkpoint())
    }
    #expect(try database.checkpoint())
  }
}
