import Database
import Testing

@Suite struct SQLiteFunctionTests {
  private struct Secret: Error { let words = "confidential" }

  private let database: SQLiteDatabase

  init() throws { database = try SQLiteDatabase.inMemory() }

  @Test(arguments: SQLiteValueTests.values)
  func argumentsAndResultsAreValues(value: SQLValue) throws {
    var seen: [SQLValue] = []
    try database.function(name: "echo", argumentCount: 1, deterministic: true) { arguments in
      seen += arguments
      return arguments[0]
    }
    let result = try database.first("SELECT echo(?)", value) { $0.value(0) }
    #expect(result == value)
    #expect(seen == [value])
  }

  @Test func errorsFailTheStatement() throws {
    try database.function(name: "unseal", argumentCount: 1, deterministic: false) { _ in
      throw SQLFunctionError("the device is locked")
    }
    let error = #expect(throws: SQLError.self) { try database.run("SELECT unseal(x'01')") }
    #expect(error?.message == "unseal: the device is locked")
  }

  @Test func otherErrorsKeepTheirWords() throws {
    try database.function(name: "f", argumentCount: 0, deterministic: false) { _ in throw Secret() }
    let error = #expect(throws: SQLError.self) { try database.run("SELECT f()") }
    #expect(error?.message == "f: failed")
  }

  @Test func theNumberOfArgumentsIsChecked() throws {
    try database.function(name: "f", argumentCount: 2, deterministic: true) { _ in 1 }
    #expect(throws: SQLError.self) { try database.run("SELECT f(1)") }
    #expect(try database.number("SELECT f(1, 2)") == 1)
  }

  @Test func theSchemaCannotCallThem() throws {
    try database.function(name: "f", argumentCount: 0, deterministic: true) { _ in 1 }
    try database.execute("CREATE TABLE t (a); CREATE VIEW v AS SELECT f() AS b")
    #expect(throws: SQLError.self) { try database.number("SELECT b FROM v") }
  }

  @Test func theBodyIsReleased() throws {
    final class Token {}
    weak var token: Token?
    do {
      let held = Token()
      token = held
      let other = try SQLiteDatabase.inMemory()
      try other.function(name: "f", argumentCount: 0, deterministic: true) { _ in
        withExtendedLifetime(held) { 1 }
      }
      #expect(try other.number("SELECT f()") == 1)
      try other.close()
    }
    #expect(token == nil)
  }

  @Test func anInterruptEndsTheStatement() throws {
    let interrupter = database.interrupter
    try database.function(name: "stop", argumentCount: 1, deterministic: false) { arguments in
      if arguments[0] == 1000 { interrupter.interrupt() }
      return nil
    }
    let endless = """
      WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT stop(i) FROM n
      """
    #expect(try category { try database.run(endless) } == .interrupted)
    #expect(try database.number("SELECT 1") == 1)
  }
}
