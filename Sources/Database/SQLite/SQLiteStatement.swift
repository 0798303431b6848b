import CSQLite

/// A prepared statement of SQLite.
///
/// Belongs to its database's task. After the database was closed it must not be used.
public final class SQLiteStatement: SQLStatement {
  private let connection: SQLiteConnection
  private let handle: OpaquePointer
  private var hasRow = false

  /// Whether the cache that this statement is in has lent it to someone.
  var isLent = false

  public let parameterCount: Int
  public let columnCount: Int

  /// Prepares exactly one statement.
  init(_ connection: SQLiteConnection, sql: String, isPersistent: Bool) throws(SQLError) {
    precondition(connection.isOpen, "the database is closed")
    let flags = isPersistent ? UInt32(SQLITE_PREPARE_PERSISTENT) : 0
    var prepared: OpaquePointer?
    var isAlone = true
    let result = sql.withCString { text in
      var tail: UnsafePointer<CChar>?
      let result = sqlite3_prepare_v3(connection.handle, text, -1, flags, &prepared, &tail)
      if result == SQLITE_OK, let tail, tail.pointee != 0 {
        isAlone = Self.isBlank(tail, connection)
      }
      return result
    }
    try connection.check(result)
    guard let handle = prepared, isAlone else {
      sqlite3_finalize(prepared)
      throw .notOneStatement
    }
    self.connection = connection
    self.handle = handle
    parameterCount = Int(sqlite3_bind_parameter_count(handle))
    columnCount = Int(sqlite3_column_count(handle))
  }

  deinit {
    // Closing the connection has already ended all its statements.
    if connection.isOpen { sqlite3_finalize(handle) }
  }

  /// Whether the statement can write nothing (sqlite3_stmt_readonly).
  public var isReadOnly: Bool { sqlite3_stmt_readonly(handle) != 0 }

  /// The statement's text with parameters, not with arguments.
  public var sql: String { String(cString: sqlite3_sql(handle)) }

  public func columnName(_ column: Int) -> String {
    precondition(column >= 0 && column < columnCount, "no column \(column)")
    return sqlite3_column_name(handle, Int32(column)).map { String(cString: $0) } ?? ""
  }

  public func bindNull(_ index: Int) throws(SQLError) {
    try check(sqlite3_bind_null(handle, parameter(index)))
  }

  public func bind(_ index: Int, _ value: Int64) throws(SQLError) {
    try check(sqlite3_bind_int64(handle, parameter(index), value))
  }

  public func bind(_ index: Int, _ value: String) throws(SQLError) {
    let parameter = parameter(index)
    var value = value
    let result = value.withUTF8 { text in
      // A null pointer would bind null, and an empty text may have one.
      guard let start = text.baseAddress else {
        return satchel_bind_text_transient(handle, parameter, "", 0)
      }
      return start.withMemoryRebound(to: CChar.self, capacity: text.count) { start in
        satchel_bind_text_transient(handle, parameter, start, UInt64(text.count))
      }
    }
    try check(result)
  }

  public func bind(_ index: Int, _ value: [UInt8]) throws(SQLError) {
    try check(value.withUnsafeBytes { bindCopy(index, $0) })
  }

  public func bind(_ index: Int, _ value: UnsafeRawBufferPointer) throws(SQLError) {
    try check(bindCopy(index, value))
  }

  private func bindCopy(_ index: Int, _ value: UnsafeRawBufferPointer) -> Int32 {
    let parameter = parameter(index)
    // A null pointer would bind null, and an empty buffer may have one.
    guard let start = value.baseAddress, !value.isEmpty else {
      return sqlite3_bind_zeroblob(handle, parameter, 0)
    }
    return satchel_bind_blob_transient(handle, parameter, start, UInt64(value.count))
  }

  /// Binds bytes without copying them. They have to stay where they are until ``reset()``.
  public func bind(_ index: Int, borrowing value: UnsafeRawBufferPointer) throws(SQLError) {
    let parameter = parameter(index)
    guard let start = value.baseAddress, !value.isEmpty else {
      return try check(sqlite3_bind_zeroblob(handle, parameter, 0))
    }
    try check(sqlite3_bind_blob64(handle, parameter, start, UInt64(value.count), nil))
  }

  public func step() throws(SQLError) -> Bool {
    precondition(connection.isOpen, "the database is closed")
    guard !connection.hasLostTransaction else { throw connection.lossOfTransaction }
    switch sqlite3_step(handle) {
    case SQLITE_ROW:
      hasRow = true
      return true
    case SQLITE_DONE:
      hasRow = false
      return false
    default:
      hasRow = false
      let error = connection.failed(connection.lastError)
      sqlite3_reset(handle)
      throw error
    }
  }

  public func reset() {
    precondition(connection.isOpen, "the database is closed")
    hasRow = false
    sqlite3_reset(handle)
    // Arguments may be secret, and borrowed ones go away.
    sqlite3_clear_bindings(handle)
  }

  public func isNull(_ column: Int) -> Bool {
    sqlite3_column_type(handle, row(column)) == SQLITE_NULL
  }

  public func integer(_ column: Int) -> Int64 { sqlite3_column_int64(handle, row(column)) }

  public func text(_ column: Int) -> String {
    let column = row(column)
    guard let start = sqlite3_column_text(handle, column) else { return "" }
    let count = Int(sqlite3_column_bytes(handle, column))
    return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  }

  public func blob(_ column: Int) -> [UInt8] { withBlob(column) { [UInt8]($0) } }

  public func withBlob<Result>(
    _ column: Int, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    let column = row(column)
    // The pointer first: asking for it can convert the value, which changes its length.
    let start = sqlite3_column_blob(handle, column)
    let count = start == nil ? 0 : Int(sqlite3_column_bytes(handle, column))
    return try body(UnsafeRawBufferPointer(start: start, count: count))
  }

  public func value(_ column: Int) -> SQLValue {
    switch sqlite3_column_type(handle, row(column)) {
    case SQLITE_NULL: .null
    case SQLITE_INTEGER: .integer(integer(column))
    case SQLITE_BLOB: .blob(blob(column))
    default: .text(text(column))
    }
  }

  private func row(_ column: Int) -> Int32 {
    precondition(hasRow && connection.isOpen, "there is no row")
    precondition(column >= 0 && column < columnCount, "no column \(column)")
    return Int32(truncatingIfNeeded: column)
  }

  private func parameter(_ index: Int) -> Int32 {
    precondition(connection.isOpen, "the database is closed")
    precondition(index > 0 && index <= parameterCount, "no parameter \(index)")
    return Int32(truncatingIfNeeded: index)
  }

  private func check(_ result: Int32) throws(SQLError) { try connection.check(result) }

  /// Whether only spaces, comments and semicolons follow a statement.
  private static func isBlank(_ tail: UnsafePointer<CChar>, _ connection: SQLiteConnection) -> Bool
  {
    var next: UnsafePointer<CChar>? = tail
    while let text = next, text.pointee != 0 {
      var statement: OpaquePointer?
      let result = sqlite3_prepare_v3(connection.handle, text, -1, 0, &statement, &next)
      guard result == SQLITE_OK, statement == nil else {
        sqlite3_finalize(statement)
        return false
      }
    }
    return true
  }
}

@available(*, unavailable)
extension SQLiteStatement: Sendable {}
