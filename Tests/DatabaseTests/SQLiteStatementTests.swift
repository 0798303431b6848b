import Database
import Testing

@Suite struct SQLiteStatementTests {
  @Test func describesItself() throws {
    let database = try SQLiteDatabase.inMemory()
    let statement = try database.prepared("SELECT ?1 AS first, ?2 AS second")
    #expect(statement.parameterCount == 2)
    #expect(statement.columnCount == 2)
    #expect(statement.columnName(1) == "second")
    #expect(statement.isReadOnly)
    #expect(statement.sql == "SELECT ?1 AS first, ?2 AS second")
    try database.execute("CREATE TABLE t (a)")
    #expect(try !database.prepared("DELETE FROM t").isReadOnly)
  }

  @Test func runsAgainAfterReset() throws {
    let database = try SQLiteDatabase.inMemory()
    let statement = try database.prepared("SELECT ?")
    for number in 1...3 as ClosedRange<Int64> {
      try statement.bind(1, number)
      #expect(try statement.step())
      #expect(statement.integer(0) == number)
      #expect(try !statement.step())
      statement.reset()
    }
  }

  @Test func resetForgetsArguments() throws {
    let database = try SQLiteDatabase.inMemory()
    let statement = try database.prepared("SELECT ?")
    try statement.bind(1, "secret")
    statement.reset()
    #expect(try statement.step())
    #expect(statement.isNull(0))
  }

  @Test func bindingDuringExecutionIsAnError() throws {
    let database = try SQLiteDatabase.inMemory()
    let statement = try database.prepared("SELECT ? UNION ALL SELECT 2")
    #expect(try statement.step())
    #expect(throws: SQLError.self) { try statement.bind(1, 5 as Int64) }
  }

  @Test(arguments: ["", "  ", "-- nothing", "SELECT 1; SELECT 2", "SELECT 1; nonsense"])
  func exactlyOneStatementIsPrepared(sql: String) throws {
    let database = try SQLiteDatabase.inMemory()
    #expect(throws: SQLError.self) { try database.prepared(sql) }
  }

  @Test(arguments: ["SELECT 1;", "SELECT 1 ; ; -- end", "/* start */ SELECT 1"])
  func whatSurroundsAStatementIsIgnored(sql: String) throws {
    let database = try SQLiteDatabase.inMemory()
    #expect(try database.number(sql) == 1)
  }

  @Test func wrongSQLIsAnError() throws {
    let database = try SQLiteDatabase.inMemory()
    let error = #expect(throws: SQLError.self) { try database.prepared("SELEC 1") }
    #expect(error?.category == .other)
    #expect(error?.message.contains("SELEC") == true)
    #expect(throws: SQLError.self) { try database.execute("SELEC 1") }
    // A misspelt column does not become a text.
    #expect(throws: SQLError.self) { try database.prepared("SELECT \"nonsense\"") }
  }

  @Test func errorsDoNotHoldArguments() throws {
    let database = try SQLiteDatabase.inMemory()
    try database.execute("CREATE TABLE t (a TEXT PRIMARY KEY, b INTEGER CHECK (b < 10)) STRICT")
    try database.run("INSERT INTO t VALUES ('confidential', 1)")
    for arguments in [["confidential", 2], ["other confidential", 11], ["x", "confidential"]]
      as [[SQLValue]]
    {
      let error = #expect(throws: SQLError.self) {
        try database.run("INSERT INTO t VALUES (?, ?)", arguments: arguments)
      }
      #expect(error?.category == .constraint)
      #expect(error.map { "\($0)".contains("confidential") } == false)
    }
  }

  @Test func theSameSQLCanBeExecutedInsideOfItself() throws {
    let database = try SQLiteDatabase.inMemory()
    try database.execute("CREATE TABLE t (a); INSERT INTO t VALUES (1), (2), (3)")
    let sql = "SELECT a FROM t ORDER BY a"
    var pairs: [[Int64]] = []
    try database.each(sql) { outer in
      let first = outer.integer(0)
      pairs += try database.rows(sql) { [first, $0.integer(0)] }
    }
    #expect(pairs.count == 9)
    #expect(pairs[5] == [2, 3])
  }

  @Test func theCacheIsBounded() throws {
    let database = try SQLiteDatabase.inMemory()
    for number in 0..<600 as Range<Int64> {
      #expect(try database.number("SELECT \(number)") == number)
    }
    #expect(try database.number("SELECT 5") == 5)
  }

  @Test func anErrorInTheMiddleLeavesTheStatementUsable() throws {
    struct Stop: Error {}
    let database = try SQLiteDatabase.inMemory()
    let sql = "SELECT ? UNION ALL SELECT 2"
    #expect(throws: Stop.self) { try database.each(sql, 1) { _ in throw Stop() } }
    #expect(try database.rows(sql, 8) { $0.integer(0) } == [8, 2])
  }

  @Test func schemaChangesAreSeen() throws {
    let database = try SQLiteDatabase.inMemory()
    try database.execute("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
    let statement = try database.prepared("SELECT count(*) FROM t")
    #expect(try statement.step())
    statement.reset()
    try database.execute("ALTER TABLE t ADD COLUMN b")
    #expect(try statement.step())
    #expect(statement.integer(0) == 1)
  }

  @Test func mistakesOfTheCallerStopTheProcess() async {
    await #expect(processExitsWith: .failure) {
      let database = try SQLiteDatabase.inMemory()
      _ = try database.prepared("SELECT 1").integer(0)
    }
    await #expect(processExitsWith: .failure) {
      let database = try SQLiteDatabase.inMemory()
      try database.run("SELECT ?", 1, 2)
    }
  }

  @Test func statementsEndWithTheirDatabase() async {
    await #expect(processExitsWith: .failure) {
      let database = try SQLiteDatabase.inMemory()
      let statement = try database.prepared("SELECT 1")
      try database.close()
      _ = try statement.step()
    }
  }
}
