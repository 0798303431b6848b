import CSQLite

extension SQLiteDatabase {
  /// Runs one query that a person wrote, and that can change nothing.
  ///
  /// Three locks, each enough alone: the connection is read-only, which the caller has to see to;
  /// SQLite must find the statement read-only; and an authorizer lets it select, read, call
  /// functions and recurse, no more. So no `ATTACH`, no `PRAGMA`, no transaction.
  ///
  /// - Throws: `refused` if the query does anything else, reads what it must not, or is not exactly
  ///   one statement; `interrupted` beyond the limits; else what SQLite says about it.
  public func readOnlyQuery(
    _ sql: String, arguments: [SQLValue] = [], limits: QueryLimits = QueryLimits()
  ) throws(SQLError) -> QueryResult {
    precondition(options.isReadOnly, "queries of people need a connection that only reads")
    // Tables that SQLite makes up declare themselves on first use, which the authorizer would stop.
    try execute("SELECT 1 FROM json_each('[]'), json_tree('[]') LIMIT 0")
    let authorizer = QueryAuthorizer(hiding: try hiddenTables(limits))
    let handle = connection.handle
    let data = Unmanaged.passUnretained(authorizer).toOpaque()
    try connection.check(sqlite3_set_authorizer(handle, QueryAuthorizer.callback, data))
    // One call after so many operations, and that call ends the query.
    sqlite3_progress_handler(handle, limits.operationCountMax, { _ in 1 }, nil)
    // So that not even one value is larger than all rows may be.
    let valueMax = Int32(clamping: min(limits.byteCountMax, Int(options.valueByteCountMax)))
    sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, valueMax)
    defer {
      sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, options.valueByteCountMax)
      sqlite3_progress_handler(handle, 0, nil, nil)
      sqlite3_set_authorizer(handle, nil, nil)
    }
    do {
      // The handle does not retain the authorizer.
      return try withExtendedLifetime(authorizer) { () throws(SQLError) in
        try result(of: sql, arguments, limits)
      }
    } catch {
      // Some tables that SQLite makes up report a refusal as a failure of their own.
      throw authorizer.hasRefused && error.category == .other
        ? SQLError(sqlite: SQLITE_AUTH, message: error.message) : error
    }
  }

  private func result(
    of sql: String, _ arguments: [SQLValue], _ limits: QueryLimits
  ) throws(SQLError) -> QueryResult {
    let statement = try SQLiteStatement(connection, sql: sql, isPersistent: false)
    guard statement.isReadOnly, statement.columnCount > 0 else { throw .notAQuery }
    guard arguments.count == statement.parameterCount else {
      throw SQLError(
        sqlite: SQLITE_RANGE,
        message: "\(arguments.count) arguments for \(statement.parameterCount) parameters")
    }
    try statement.bind(arguments)
    return try statement.result(limits)
  }

  /// The schema's names that the limits leave out, in lower case as SQLite compares them.
  private func hiddenTables(_ limits: QueryLimits) throws(SQLError) -> Set<String> {
    guard let readableTables = limits.readableTables else { return [] }
    let readable = Set(readableTables.map { $0.lowercased() })
    let statement = try prepared("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')")
    var hidden: Set<String> = [
      "sqlite_master", "sqlite_schema", "sqlite_temp_master", "sqlite_temp_schema",
    ]
    while try statement.step() { hidden.insert(statement.text(0).lowercased()) }
    return hidden.subtracting(readable)
  }
}

extension SQLError {
  static let notAQuery = SQLError(sqlite: SQLITE_AUTH, message: "only one query that reads")
}

extension SQLiteStatement {
  fileprivate func result(
    _ limits: SQLiteDatabase.QueryLimits
  ) throws(SQLError) -> SQLiteDatabase.QueryResult {
    var rows: [[SQLValue]] = []
    var byteCount = 0
    var isComplete = true
    while try step() {
      guard rows.count < limits.rowCountMax, byteCount < limits.byteCountMax else {
        isComplete = false
        break
      }
      let row = values
      byteCount += row.reduce(0) { $0 + $1.byteCount }
      rows.append(row)
    }
    let columns = (0..<columnCount).map { columnName($0) }
    return SQLiteDatabase.QueryResult(columns: columns, rows: rows, isComplete: isComplete)
  }
}

extension SQLValue {
  fileprivate var byteCount: Int {
    switch self {
    case .null, .integer: 8
    case .text(let value): value.utf8.count
    case .blob(let value): value.count
    }
  }
}
