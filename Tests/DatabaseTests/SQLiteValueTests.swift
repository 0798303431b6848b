import Database
import TestSupport
import Testing

@Suite struct SQLiteValueTests {
  static let values: [SQLValue] = [
    nil, 0, -1, .integer(.min), .integer(.max), "", "a", "naïve – 🧳", .text("nul\u{0}inside"),
    .text("e\u{301}"), .blob([]), .blob([0]), .blob([255, 0, 128]),
    .blob([UInt8](repeating: 7, count: 100_000)), .text(String(repeating: "é", count: 50_000)),
  ]

  @Test(arguments: values)
  func everyValueComesBack(value: SQLValue) throws {
    let folder = try TemporaryFolder()
    do {
      let database = try folder.open()
      try database.execute("CREATE TABLE t (v ANY) STRICT")
      try database.run("INSERT INTO t VALUES (?)", value)
      try database.close()
    }
    let database = try folder.open()
    let read = try database.rows("SELECT v FROM t") { $0.value(0) }
    #expect(read == [value])
  }

  @Test func textIsStoredByteForByte() throws {
    // Both are equal as Swift's strings, and have to stay apart in the database.
    let database = try SQLiteDatabase.inMemory()
    let composed = try database.first("SELECT hex(?)", "\u{E9}") { $0.text(0) }
    let decomposed = try database.first("SELECT hex(?)", "e\u{301}") { $0.text(0) }
    #expect(composed == "C3A9")
    #expect(decomposed == "65CC81")
  }

  @Test func typedColumns() throws {
    let database = try SQLiteDatabase.inMemory()
    let sql = "SELECT 7, 'x', x'0102', NULL"
    try database.each(sql) { row in
      #expect(row.integer(0) == 7)
      #expect(row.text(1) == "x")
      #expect(row.blob(2) == [1, 2])
      #expect(row.withBlob(2) { $0.count } == 2)
      #expect(row.isNull(3))
      #expect(!row.isNull(0))
      #expect(row.optionalInteger(0) == 7)
      #expect(row.optionalInteger(3) == nil)
      #expect(row.optionalText(1) == "x")
      #expect(row.optionalText(3) == nil)
      #expect(row.optionalBlob(2) == [1, 2])
      #expect(row.optionalBlob(3) == nil)
      #expect(row.integer(3) == 0)
      #expect(row.text(3) == "")
      #expect(row.blob(3) == [])
      #expect(row.values == [7, "x", .blob([1, 2]), nil])
      #expect(row.columnCount == 4)
    }
  }

  @Test func computedFloatingPointIsText() throws {
    let database = try SQLiteDatabase.inMemory()
    let value = try database.first("SELECT 1.5 + 1") { $0.value(0) }
    #expect(value == "2.5")
  }

  @Test func borrowedBytesAreStored() throws {
    let database = try SQLiteDatabase.inMemory()
    try database.execute("CREATE TABLE t (v BLOB) STRICT")
    let insert = try database.prepared("INSERT INTO t VALUES (?)")
    let bytes: [UInt8] = [1, 2, 3]
    try bytes.withUnsafeBytes { bytes in
      try insert.bind(1, borrowing: bytes)
      try insert.run()
      try insert.bind(1, bytes)
      try insert.run()
    }
    try insert.bind(1, borrowing: UnsafeRawBufferPointer(start: nil, count: 0))
    try insert.run()
    let read = try database.rows("SELECT v FROM t") { $0.value(0) }
    #expect(read == [.blob(bytes), .blob(bytes), .blob([])])
  }

  @Test func largeValuesAreRefused() throws {
    let folder = try TemporaryFolder()
    let database = try folder.open { $0.valueByteCountMax = 1000 }
    try database.execute("CREATE TABLE t (v BLOB)")
    let large = SQLValue.blob([UInt8](repeating: 0, count: 1001))
    #expect(try category { try database.run("INSERT INTO t VALUES (?)", large) } == .tooLarge)
    #expect(try database.number("SELECT count(*) FROM t") == 0)
  }
}
