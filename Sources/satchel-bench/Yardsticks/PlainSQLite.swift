import CSQLite
import Foundation

/// What SQLite itself does with eight-column rows, through its C interface: nothing signed, sealed,
/// merged or kept of what was before.
final class PlainSQLite {
  enum Durability: String {
    case full, normal
  }

  struct Failure: Error {
    let code: Int32
    let message: String
  }

  private let handle: OpaquePointer
  private let insertion: OpaquePointer
  private let change: OpaquePointer
  private let beginning: OpaquePointer
  private let end: OpaquePointer
  /// Ids of 16 bytes that rise, as time-ordered ones do.
  private var nextID: UInt64 = 0

  /// A new file; WAL, as ours.
  init(path: String, durability: Durability) throws {
    var opened: OpaquePointer?
    let code = sqlite3_open(path, &opened)
    guard code == SQLITE_OK, let opened else { throw Failure(code: code, message: path) }
    handle = opened
    try Self.execute(
      opened,
      """
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = \(durability.rawValue);
      CREATE TABLE row (
        id BLOB PRIMARY KEY, a TEXT, b TEXT, c TEXT, d TEXT, e INTEGER, f INTEGER, g TEXT
      ) WITHOUT ROWID, STRICT;
      """)
    insertion = try Self.prepare(opened, "INSERT INTO row VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
    change = try Self.prepare(opened, "UPDATE row SET f = ? WHERE id = ?")
    beginning = try Self.prepare(opened, "BEGIN IMMEDIATE")
    end = try Self.prepare(opened, "COMMIT")
  }

  deinit {
    for statement in [insertion, change, beginning, end] { sqlite3_finalize(statement) }
    sqlite3_close(handle)
  }

  /// Writes rows, so many a transaction.
  func insert(_ count: Int, transactionRowCount: Int) throws {
    try inTransactions(count, transactionRowCount) { _ in try insertRow() }
  }

  /// Changes one column of each of the first rows.
  func update(_ count: Int, transactionRowCount: Int) throws {
    try inTransactions(count, transactionRowCount) { number in
      try Self.withID(UInt64(number) + 1) { id in
        sqlite3_bind_int64(change, 1, Int64(number) &* 3)
        sqlite3_bind_blob(change, 2, id, 16, nil)
        try step(change)
      }
    }
  }

  /// Of the file, with nothing left in the WAL.
  func byteCount() throws -> Int {
    try Self.execute(handle, "VACUUM; PRAGMA wal_checkpoint(TRUNCATE)")
    let statement = try Self.prepare(
      handle, "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
    defer { sqlite3_finalize(statement) }
    guard sqlite3_step(statement) == SQLITE_ROW else {
      throw Failure(code: sqlite3_errcode(handle), message: "page count")
    }
    return Int(sqlite3_column_int64(statement, 0))
  }

  private func inTransactions(
    _ count: Int, _ rowCount: Int, _ body: (Int) throws -> Void
  ) throws {
    for start in stride(from: 0, to: count, by: rowCount) {
      try step(beginning)
      for number in start..<min(start + rowCount, count) { try body(number) }
      try step(end)
    }
  }

  /// Bytes that SQLite may read while `body` executes the statement.
  private static func withID(
    _ number: UInt64, _ body: (UnsafeRawPointer?) throws -> Void
  ) rethrows {
    var id = (UInt64(0x0190_0000_0000_7000).bigEndian, number.bigEndian)
    try withUnsafeBytes(of: &id) { try body($0.baseAddress) }
  }

  private func insertRow() throws {
    nextID += 1
    try Self.withID(nextID) { id in
      sqlite3_bind_blob(insertion, 1, id, 16, nil)
      for column in [2, 3, 4, 5, 8] as [Int32] { bind("some words here", column) }
      sqlite3_bind_int64(insertion, 6, Int64(nextID))
      sqlite3_bind_int64(insertion, 7, Int64(nextID) &* 7)
      try step(insertion)
    }
  }

  /// Static text: SQLite reads it where it is.
  private func bind(_ text: StaticString, _ column: Int32) {
    text.withUTF8Buffer {
      _ = sqlite3_bind_text(
        insertion, column, UnsafeRawPointer($0.baseAddress)?.assumingMemoryBound(to: CChar.self),
        Int32($0.count), nil)
    }
  }

  private func step(_ statement: OpaquePointer) throws {
    let code = sqlite3_step(statement)
    sqlite3_reset(statement)
    guard code == SQLITE_DONE else {
      throw Failure(code: code, message: String(cString: sqlite3_errmsg(handle)))
    }
  }

  private static func prepare(_ handle: OpaquePointer, _ sql: String) throws -> OpaquePointer {
    var statement: OpaquePointer?
    let code = sqlite3_prepare_v2(handle, sql, -1, &statement, nil)
    guard code == SQLITE_OK, let statement else { throw Failure(code: code, message: sql) }
    return statement
  }

  private static func execute(_ handle: OpaquePointer, _ sql: String) throws {
    let code = sqlite3_exec(handle, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw Failure(code: code, message: sql) }
  }

  /// Rows a second of a new database.
  static func rowsPerSecond(
    _ count: Int, transactionRowCount: Int, _ durability: Durability, _ bench: Bench
  ) throws -> Double {
    try bench.withFolder { folder in
      let database = try PlainSQLite(path: "\(folder)/plain.db", durability: durability)
      let seconds = try Bench.seconds {
        try database.insert(count, transactionRowCount: transactionRowCount)
      }
      return Double(count) / seconds
    }
  }
}
