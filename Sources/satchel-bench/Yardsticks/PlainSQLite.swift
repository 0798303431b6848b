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
    beginning = try Self.prepare(opened, "BEGIN IMMEDIATE")
    end = try Self.prepare(opened, "COMMIT")
  }

  deinit {
    for statement in [insertion, beginning, end] { sqlite3_finalize(statement) }
    sqlite3_close(handle)
  }

  /// Writes rows, so many a transaction.
  func insert(_ count: Int, transactionRowCount: Int) throws {
    var left = count
    while left > 0 {
      try step(beginning)
      for _ in 0..<min(left, transactionRowCount) { try insertRow() }
      try step(end)
      left -= transactionRowCount
    }
  }

  private func insertRow() throws {
    nextID += 1
    var id = (UInt64(0x0190_0000_0000_7000).bigEndian, nextID.bigEndian)
    withUnsafeBytes(of: &id) {
      _ = sqlite3_bind_blob(insertion, 1, $0.baseAddress, 16, nil)
      for column in [2, 3, 4, 5, 8] as [Int32] { bind("some words here", column) }
      sqlite3_bind_int64(insertion, 6, Int64(nextID))
      sqlite3_bind_int64(insertion, 7, Int64(nextID) &* 7)
    }
    try step(insertion)
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
