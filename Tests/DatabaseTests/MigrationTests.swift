import Database
import TestSupport
import Testing

@Suite struct MigrationTests {
  private struct Stop: Error {}

  private static let first = Migration(
    version: 1, name: "tickets",
    statements: ["CREATE TABLE ticket (id INTEGER PRIMARY KEY)", "INSERT INTO ticket VALUES (1)"])
  private static let second = Migration(
    version: 2, name: "titles",
    statements: [
      "ALTER TABLE ticket ADD COLUMN title TEXT", "UPDATE ticket SET title = 'ticket ' || id",
      "INSERT INTO ticket VALUES (2, 'two')",
    ])
  private static let broken = Migration(
    version: 2, name: "broken",
    statements: ["INSERT INTO ticket VALUES (5)", "INSERT INTO ticket VALUES (1)"])

  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func stepsAreTakenOnce() throws {
    let database = try folder.open()
    #expect(try database.schemaVersion() == 0)
    try database.migrate([Self.first])
    #expect(try database.schemaVersion() == 1)
    try database.migrate([Self.first])
    try database.migrate([Self.first, Self.second])
    try database.migrate([Self.first, Self.second])
    let titles = try database.rows("SELECT title FROM ticket ORDER BY id") { $0.text(0) }
    #expect(titles == ["ticket 1", "two"])
    try database.close()
    #expect(try folder.open().schemaVersion() == 2)
  }

  @Test func aNewerDatabaseIsRefusedUntouched() throws {
    let database = try folder.open()
    try database.migrate([Self.first, Self.second])
    #expect(throws: MigrationError.newerDatabase(found: 2, known: 1)) {
      try database.migrate([Self.first])
    }
    #expect(throws: MigrationError.newerDatabase(found: 2, known: 0)) { try database.migrate([]) }
    #expect(try database.schemaVersion() == 2)
    #expect(try database.number("SELECT count(*) FROM ticket") == 2)
  }

  @Test func aFailedStepIsRolledBack() throws {
    let database = try folder.open()
    let error = #expect(throws: MigrationError.self) {
      try database.migrate([Self.first, Self.broken])
    }
    guard case .failed(version: 2, name: "broken", let reason) = error else {
      Issue.record(error ?? Stop())
      return
    }
    #expect(reason.category == .constraint)
    #expect(try database.schemaVersion() == 1)
    #expect(try database.rows("SELECT id FROM ticket") { $0.integer(0) } == [1])
    try database.migrate([Self.first, Self.second])
    #expect(try database.schemaVersion() == 2)
  }

  @Test func aCrashInAStepLosesTheStep() throws {
    let database = try folder.open()
    var commits = 0
    database.onTransactionBoundary = { event in
      if event == .willCommit { commits += 1 }
      if commits == 2 { throw Stop() }
    }
    #expect(throws: Stop.self) { try database.migrate([Self.first, Self.second]) }
    #expect(try database.schemaVersion() == 1)
    database.onTransactionBoundary = nil
    try database.migrate([Self.first, Self.second])
    #expect(try database.number("SELECT count(*) FROM ticket") == 2)
  }

  @Test func anotherConnectionsStepIsNotRepeated() throws {
    let database = try folder.open()
    let other = try folder.open()
    var hasRun = false
    database.onTransactionBoundary = { event in
      // Between this connection's first step and its second, the other takes the second.
      if event == .didCommit && !hasRun {
        hasRun = true
        try other.migrate([Self.first, Self.second])
      }
    }
    try database.migrate([Self.first, Self.second])
    #expect(try database.number("SELECT count(*) FROM ticket") == 2)
  }

  @Test func gapsAreAMistake() async {
    await #expect(processExitsWith: .failure) {
      let gap = Migration(version: 2, name: "", statements: [])
      try SQLiteDatabase.inMemory().migrate([gap])
    }
  }
}
