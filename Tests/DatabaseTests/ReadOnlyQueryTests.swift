import Database
import TestSupport
import Testing

@Suite struct ReadOnlyQueryTests {
  private let folder: TemporaryFolder
  private let reader: SQLiteDatabase

  init() throws {
    folder = try TemporaryFolder()
    let database = try folder.open()
    try database.execute(
      """
      CREATE TABLE ticket (id INTEGER PRIMARY KEY, title TEXT);
      CREATE TABLE journal (id INTEGER PRIMARY KEY, bytes BLOB);
      CREATE VIEW ledger AS SELECT count(*) AS entries FROM journal;
      INSERT INTO ticket VALUES (1, 'one'), (2, 'two'), (3, 'three');
      INSERT INTO journal VALUES (1, x'00');
      """)
    try database.close()
    reader = try folder.open { $0.isReadOnly = true }
  }

  @Test func returnsColumnsAndRows() throws {
    let result = try reader.readOnlyQuery(
      "SELECT id, title AS name FROM ticket WHERE id > ? ORDER BY id", arguments: [1])
    #expect(result.columns == ["id", "name"])
    #expect(result.rows == [[2, "two"], [3, "three"]])
    #expect(result.isComplete)
  }

  @Test(arguments: [
    "INSERT INTO ticket VALUES (9, 'x')", "UPDATE ticket SET title = ''", "DELETE FROM ticket",
    "REPLACE INTO ticket VALUES (1, 'x')", "DROP TABLE ticket", "CREATE TABLE u (a)",
    "CREATE TEMP TABLE u (a)", "CREATE TEMP VIEW u AS SELECT 1", "ALTER TABLE ticket ADD COLUMN c",
    "ATTACH ':memory:' AS other", "ATTACH '/tmp/other.db' AS other", "DETACH main",
    "PRAGMA query_only = OFF", "PRAGMA journal_mode = DELETE", "PRAGMA user_version = 5",
    "PRAGMA table_info(ticket)", "BEGIN", "BEGIN IMMEDIATE", "COMMIT", "SAVEPOINT s", "VACUUM",
    "VACUUM INTO '/tmp/other.db'", "REINDEX", "ANALYZE", "", "-- nothing",
    "SELECT 1; DELETE FROM ticket", "SELECT 1; SELECT 2", "SELECT * FROM pragma_user_version",
    "SELECT * FROM dbstat", "SELECT * FROM sqlite_dbpage",
    "INSERT INTO ticket VALUES (9, 'x') RETURNING id",
    "WITH c AS (SELECT 9) INSERT INTO ticket SELECT 9, 'x' FROM c",
    "SELECT load_extension('x')", "EXPLAIN DELETE FROM ticket",
  ])
  func everythingElseIsRefused(sql: String) throws {
    let error = #expect(throws: SQLError.self) { try reader.readOnlyQuery(sql) }
    // What this build of SQLite does not know at all is refused as unknown.
    let isUnknown = error?.message.hasPrefix("no such") == true
    #expect(error?.category == .refused || isUnknown, "\(error?.message ?? "no error")")
    #expect(try reader.readOnlyQuery("SELECT count(*) FROM ticket").rows == [[3]])
  }

  @Test(arguments: [
    "SELECT * FROM ticket t JOIN journal j ON t.id = j.id", "VALUES (1), (2)",
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 5) SELECT i FROM n",
    "SELECT upper(title), (SELECT max(id) FROM ticket) FROM ticket", "SELECT * FROM ledger",
    "SELECT value FROM json_each('[1,2]')", "EXPLAIN QUERY PLAN SELECT * FROM ticket",
    "SELECT name FROM sqlite_schema", "WITH c AS (SELECT 1) SELECT count(*) FROM c;",
    "SELECT title, row_number() OVER (ORDER BY id) FROM ticket",
  ])
  func queriesAreAllowed(sql: String) throws {
    #expect(try !reader.readOnlyQuery(sql).rows.isEmpty)
  }

  @Test(arguments: [
    "SELECT bytes FROM journal", "SELECT count(*) FROM journal", "SELECT count(*) FROM JOURNAL",
    "SELECT title FROM ticket WHERE id IN (SELECT id FROM journal)",
    "SELECT sql FROM sqlite_schema", "SELECT 1 FROM sqlite_master", "SELECT entries FROM ledger",
    "SELECT 1 FROM main.journal AS ticket", "SELECT rowid FROM journal",
    "WITH ticket AS (SELECT bytes FROM journal) SELECT bytes FROM ticket",
    "WITH ledger AS (SELECT bytes FROM journal) SELECT bytes FROM ledger",
    "SELECT bytes FROM (SELECT bytes FROM journal) AS ticket", "SELECT 1 IN journal",
    "SELECT EXISTS (SELECT 1 FROM journal)", "SELECT title FROM ticket NATURAL JOIN journal",
    "SELECT id FROM ticket UNION SELECT id FROM journal", "SELECT * FROM \"journal\"",
    "SELECT title FROM ticket ORDER BY (SELECT max(id) FROM journal)",
    "SELECT count(*) FILTER (WHERE id IN (SELECT id FROM journal)) FROM ticket",
  ])
  func hiddenTablesAreRefused(sql: String) throws {
    var limits = SQLiteDatabase.QueryLimits()
    limits.readableTables = ["Ticket"]
    let failure = try category { _ = try reader.readOnlyQuery(sql, limits: limits) }
    #expect(failure == .refused)
  }

  @Test func readableTablesAreRead() throws {
    var limits = SQLiteDatabase.QueryLimits()
    limits.readableTables = ["ticket", "ledger"]
    // A common table expression could be named like the view, so a view opens no other table.
    let view = try category {
      _ = try reader.readOnlyQuery("SELECT entries FROM ledger", limits: limits)
    }
    #expect(view == .refused)
    limits.readableTables = ["ticket", "ledger", "journal"]
    let whole = try reader.readOnlyQuery("SELECT entries FROM ledger", limits: limits)
    #expect(whole.rows == [[1]])
    let nested = "WITH journal2 AS (SELECT id FROM ticket) SELECT count(*) FROM journal2"
    #expect(try reader.readOnlyQuery(nested, limits: limits).rows == [[3]])
  }

  @Test func rowsHaveALimit() throws {
    var limits = SQLiteDatabase.QueryLimits()
    limits.rowCountMax = 2
    let cut = try reader.readOnlyQuery("SELECT id FROM ticket ORDER BY id", limits: limits)
    #expect(cut.rows == [[1], [2]])
    #expect(!cut.isComplete)
    limits.rowCountMax = 3
    let whole = try reader.readOnlyQuery("SELECT id FROM ticket", limits: limits)
    #expect(whole.isComplete)
  }

  @Test func bytesHaveALimit() throws {
    var limits = SQLiteDatabase.QueryLimits()
    limits.byteCountMax = 1500
    let cut = try reader.readOnlyQuery("SELECT zeroblob(1000) FROM ticket", limits: limits)
    #expect(cut.rows.count == 2)
    #expect(!cut.isComplete)
    let large = try category {
      _ = try reader.readOnlyQuery("SELECT zeroblob(2000)", limits: limits)
    }
    #expect(large == .tooLarge)
    // The limit was the query's alone.
    #expect(try reader.number("SELECT length(zeroblob(2000))") == 2000)
  }

  @Test func workHasALimit() throws {
    var limits = SQLiteDatabase.QueryLimits()
    limits.operationCountMax = 10_000
    let endless = """
      WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n
      """
    let failure = try category { _ = try reader.readOnlyQuery(endless, limits: limits) }
    #expect(failure == .interrupted)
    #expect(try reader.number("SELECT count(*) FROM ticket") == 3)
  }

  @Test func argumentsAreCounted() throws {
    #expect(throws: SQLError.self) { try reader.readOnlyQuery("SELECT ?") }
    #expect(throws: SQLError.self) { try reader.readOnlyQuery("SELECT 1", arguments: [1]) }
  }

  @Test func functionsAreCalled() throws {
    try reader.function(name: "unseal", argumentCount: 1, deterministic: true) { _ in "open" }
    #expect(try reader.readOnlyQuery("SELECT unseal(title) FROM ticket").rows.first == ["open"])
  }

  @Test func theConnectionIsFreeAfterwards() throws {
    _ = try category { _ = try reader.readOnlyQuery("DELETE FROM ticket") }
    #expect(try reader.number("PRAGMA user_version") == 0)
  }

  @Test func aConnectionThatWritesIsAMistake() async {
    await #expect(processExitsWith: .failure) {
      _ = try SQLiteDatabase.inMemory().readOnlyQuery("SELECT 1")
    }
  }
}
