import Database
import Foundation
import TestSupport
import Testing

@Suite struct SQLiteFileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func makeDatabase() throws {
    let database = try folder.open()
    try database.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT); CREATE INDEX i ON t (b)")
    try database.transaction {
      for number in 1...500 as ClosedRange<Int64> {
        try database.run("INSERT INTO t VALUES (?, ?)", .integer(number), .text("row \(number)"))
      }
    }
    try database.close()
  }

  @Test func somethingElseIsNotADatabase() throws {
    let text = String(repeating: "This is not a database. ", count: 500)
    try Data(text.utf8).write(to: URL(filePath: folder.file()))
    #expect(try category { _ = try folder.open() } == .notADatabase)
    #expect(try category { _ = try folder.open { $0.isReadOnly = true } } == .notADatabase)
  }

  @Test func aMissingFileCannotBeRead() throws {
    #expect(try category { _ = try folder.open { $0.isReadOnly = true } } == .cannotOpen)
    #expect(try category { _ = try folder.open("no/such/folder.db") } == .cannotOpen)
    #expect(!FileManager.default.fileExists(atPath: folder.file()))
  }

  @Test func aDamagedPageIsNoticed() throws {
    try makeDatabase()
    let file = URL(filePath: folder.file())
    var content = try Data(contentsOf: file)
    for index in 4096..<content.count { content[index] = 0xA5 }
    try content.write(to: file)
    let database = try folder.open()
    #expect(try category { _ = try database.number("SELECT count(b) FROM t") } == .corrupt)
    #expect(try !database.integrityCheck().isEmpty)
  }

  @Test func aWrongIndexIsNoticed() throws {
    try makeDatabase()
    let file = URL(filePath: folder.file())
    var content = try Data(contentsOf: file)
    // Only one of the two places where the text is: the table or its index.
    let place = try #require(content.range(of: Data("row 321".utf8)))
    content.replaceSubrange(place, with: Data("row xyz".utf8))
    try content.write(to: file)
    #expect(try !folder.open().integrityCheck().isEmpty)
  }

  @Test func aBrokenReferenceIsNoticed() throws {
    let database = try folder.open()
    try database.execute(
      """
      CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (a REFERENCES a);
      PRAGMA foreign_keys = OFF; INSERT INTO b VALUES (7)
      """)
    #expect(try database.integrityCheck() == ["row 1 of b has no a"])
  }

  @Test func aReadOnlyConnectionWritesNothing() throws {
    try makeDatabase()
    let database = try folder.open { $0.isReadOnly = true }
    #expect(try category { try database.run("DELETE FROM t") } == .readOnly)
    let inTransaction = try category {
      try database.transaction { try database.run("DELETE FROM t") }
    }
    #expect(inTransaction == .readOnly)
    #expect(try database.number("SELECT count(*) FROM t") == 500)
  }

  @Test func closeWritesTheWALBack() throws {
    try makeDatabase()
    #expect(!FileManager.default.fileExists(atPath: folder.file() + "-wal"))
    let database = try folder.open()
    try database.close()
    try database.close()
    database.interrupter.interrupt()
  }

  @Test func aConnectionThatIsDroppedCloses() throws {
    do {
      let database = try folder.open()
      try database.execute("CREATE TABLE t (a)")
      _ = try database.prepared("SELECT a FROM t")
    }
    #expect(!FileManager.default.fileExists(atPath: folder.file() + "-wal"))
  }

  @Test func backupsAreWhole() throws {
    try makeDatabase()
    let database = try folder.open()
    try database.backup(to: folder.file("copy.db"))
    let copy = try folder.open("copy.db")
    #expect(try copy.number("SELECT count(*) FROM t") == 500)
    #expect(try copy.integrityCheck() == [])
    #expect(throws: SQLError.self) { try database.backup(to: folder.file("copy.db")) }
  }

  @Test func pathsAreTakenAsTheyAre() throws {
    let database = try folder.open("file:odd?mode=memory é.db")
    try database.execute("CREATE TABLE t (a)")
    #expect(FileManager.default.fileExists(atPath: folder.file("file:odd?mode=memory é.db")))
  }

  @Test func databasesInMemoryAreApart() throws {
    let first = try SQLiteDatabase.inMemory()
    let second = try SQLiteDatabase.inMemory()
    try first.execute("CREATE TABLE t (a)")
    #expect(throws: SQLError.self) { try second.execute("SELECT * FROM t") }
  }

  @Test func theLibraryIsRecentEnough() {
    #expect(SQLiteDatabase.version.hasPrefix("3."))
  }
}
