import Database
import TestSupport
import Testing

@Suite struct SQLiteTransactionTests {
  private struct Stop: Error {}

  private let folder: TemporaryFolder
  private let database: SQLiteDatabase

  init() throws {
    folder = try TemporaryFolder()
    database = try folder.open()
    try database.execute("CREATE TABLE t (a INTEGER PRIMARY KEY) STRICT")
  }

  private func insert(_ number: Int64) throws {
    try database.run("INSERT INTO t VALUES (?)", .integer(number))
  }

  private func stored() throws -> [Int64] {
    try folder.open { $0.isReadOnly = true }.rows("SELECT a FROM t ORDER BY a") { $0.integer(0) }
  }

  @Test func commits() throws {
    let result = try database.transaction {
      #expect(database.isInTransaction)
      try insert(1)
      #expect(try stored() == [])
      return "done"
    }
    #expect(result == "done")
    #expect(!database.isInTransaction)
    #expect(try stored() == [1])
  }

  @Test func anErrorRollsBack() throws {
    #expect(throws: Stop.self) {
      try database.transaction {
        try insert(1)
        throw Stop()
      }
    }
    #expect(try stored() == [])
    try database.transaction { try insert(2) }
    #expect(try stored() == [2])
  }

  /// Inserts, calls `body`, and then rolls both back.
  private func insertAndStop(_ number: Int64, _ body: () throws -> Void = {}) throws {
    do {
      try database.transaction {
        try insert(number)
        try body()
        throw Stop()
      }
    } catch is Stop {}
  }

  @Test func savepointsRollBackAlone() throws {
    try database.transaction {
      try insert(1)
      try insertAndStop(2) { try database.transaction { try insert(3) } }
      try database.transaction { try insert(4) }
      try insertAndStop(5) { try insertAndStop(6) }
      try insertAndStop(7) { try insertAndStop(8) { try insert(9) } }
      try database.transaction {
        try insert(10)
        try insertAndStop(11)
      }
    }
    #expect(try stored() == [1, 4, 10])
  }

  @Test func anOuterErrorTakesSavepointsAlong() throws {
    #expect(throws: Stop.self) {
      try database.transaction {
        try database.transaction { try insert(1) }
        throw Stop()
      }
    }
    #expect(try stored() == [])
  }

  @Test func aFailedStatementLeavesTheTransaction() throws {
    try database.transaction {
      try insert(1)
      #expect(try category { try insert(1) } == .constraint)
      try insert(2)
    }
    #expect(try stored() == [1, 2])
  }

  /// SQLite ends a transaction by itself on some errors. What follows must not be written alone.
  @Test func aTransactionThatSQLiteGaveUpTakesNoMoreWrites() throws {
    let database = database
    var failures: [SQLError.Category?] = []
    let error = #expect(throws: SQLError.self) {
      try database.transaction {
        try insert(1)
        let rollback = "INSERT OR ROLLBACK INTO t VALUES (1)"
        failures.append(try category { try database.run(rollback) })
        failures.append(try category { try insert(2) })
        failures.append(try category { try database.execute("INSERT INTO t VALUES (3)") })
        failures.append(try category { try database.transaction { try insert(4) } })
      }
    }
    #expect(failures == [.constraint, .other, .other, .other])
    #expect(error?.message.contains("rolled back") == true)
    #expect(try stored() == [])
    try database.transaction { try insert(5) }
    #expect(try stored() == [5])
  }

  @Test func aSavepointThatSQLiteGaveUpEndsAll() throws {
    #expect(throws: SQLError.self) {
      try database.transaction {
        try insert(1)
        try database.transaction {
          try insert(2)
          try database.run("INSERT OR ROLLBACK INTO t VALUES (1)")
        }
      }
    }
    #expect(try stored() == [])
    #expect(!database.isInTransaction)
  }

  @Test func boundariesAreSeen() throws {
    var events: [TransactionEvent] = []
    database.onTransactionBoundary = { events.append($0) }
    try database.transaction {
      try database.transaction { try insert(1) }
      #expect(events == [])
    }
    #expect(events == [.willCommit, .didCommit])
  }

  @Test func aCrashBeforeTheCommitLosesIt() throws {
    database.onTransactionBoundary = { if $0 == .willCommit { throw Stop() } }
    #expect(throws: Stop.self) { try database.transaction { try insert(1) } }
    #expect(try stored() == [])
    database.onTransactionBoundary = nil
    try database.transaction { try insert(2) }
    #expect(try stored() == [2])
  }

  @Test func aCrashAfterTheCommitKeepsIt() throws {
    database.onTransactionBoundary = { if $0 == .didCommit { throw Stop() } }
    #expect(throws: Stop.self) { try database.transaction { try insert(1) } }
    #expect(try stored() == [1])
    #expect(!database.isInTransaction)
  }

  @Test func aSnapshotSeesOneMoment() throws {
    try insert(1)
    let reader = try folder.open { $0.isReadOnly = true }
    let counts = try reader.snapshot {
      let before = try reader.number("SELECT count(*) FROM t")
      try insert(2)
      let after = try reader.snapshot { try reader.number("SELECT count(*) FROM t") }
      return [before, after]
    }
    #expect(counts == [1, 1])
    #expect(try reader.number("SELECT count(*) FROM t") == 2)
    #expect(throws: Stop.self) { try reader.snapshot { throw Stop() } }
    #expect(!reader.isInTransaction)
  }

  @Test func aSecondWriterIsBusy() throws {
    let other = try folder.open()
    try database.transaction {
      try insert(1)
      #expect(try category { try other.transaction {} } == .busy)
      #expect(try category { try other.run("INSERT INTO t VALUES (9)") } == .busy)
      #expect(try other.number("SELECT count(*) FROM t") == 0)
    }
    try other.transaction { try other.run("INSERT INTO t VALUES (2)") }
    #expect(try stored() == [1, 2])
  }

  @Test func changesAreCounted() throws {
    for number in 1...4 as ClosedRange<Int64> { try insert(number) }
    try database.run("DELETE FROM t WHERE a > 1")
    #expect(database.changeCount == 3)
  }
}
