import CSQLite

/// A connection to a SQLite file, or to a database in memory.
///
/// One connection belongs to one task at a time; several connections to a file may exist, of which
/// one writes at a time (WAL). The file, its `-wal` and its `-shm` belong together.
public final class SQLiteDatabase: SQLDatabase {
  /// The version of the library, for example `3.40.1`.
  public static var version: String { String(cString: sqlite3_libversion()) }

  /// How many statements the cache keeps. Code has fewer; SQL made at run time can have more.
  static let cachedStatementCountMax = 256

  /// Whether no other process uses the files that this task opens: a simulation's. Reading takes two
  /// system calls less for locks then; any number of connections in the process stay safe.
  @TaskLocal package static var isOnlyProcess = false

  /// Whether what this task opens has to survive a loss of power. A simulation's homes end with it: on
  /// a disk they need not wait for it.
  @TaskLocal package static var isDurable = true

  public let options: Options

  /// Called before and after each outermost commit, so that a test can crash there. It must not use
  /// the database.
  public var onTransactionBoundary: ((TransactionEvent) throws -> Void)?

  /// Stops what this connection executes, from any task.
  public let interrupter: SQLiteInterrupter

  let connection: SQLiteConnection
  private var cache: [String: SQLiteStatement] = [:]
  private var recent = RecentStatements()

  /// Opens the file at `path`, and makes it unless the options say read-only.
  ///
  /// The caller sees to the folder and its permissions.
  ///
  /// - Throws: `cannotOpen`, `notADatabase`, `corrupt`, `busy`, `io`.
  public convenience init(path: String, options: Options = Options()) throws(SQLError) {
    let access =
      options.isReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
    // SQLite reads no path that begins with `file:` as a URI: the flag for it is not given.
    let connection = try SQLiteConnection(path: path, flags: access | SQLITE_OPEN_NOMUTEX)
    try self.init(connection, options: options)
    try configureFile()
  }

  /// A database of its own in memory. It ends with the connection.
  public static func inMemory(options: Options = Options()) throws(SQLError) -> SQLiteDatabase {
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX
    return try SQLiteDatabase(SQLiteConnection(path: ":memory:", flags: flags), options: options)
  }

  private init(_ connection: SQLiteConnection, options: Options) throws(SQLError) {
    self.connection = connection
    self.options = options
    interrupter = SQLiteInterrupter(connection.handle)
    try configureConnection()
  }

  deinit { interrupter.end() }

  /// Ends the connection and all its statements. The last one of a file writes the WAL back.
  ///
  /// Must not be called inside of a transaction. A second call does nothing.
  public func close() throws(SQLError) {
    precondition(connection.transactionDepth == 0, "close inside of a transaction")
    interrupter.end()
    cache.removeAll()
    recent = RecentStatements()
    try connection.close()
  }

  public func execute(_ sql: String) throws(SQLError) { try connection.execute(sql) }

  public func prepare(_ sql: String) throws(SQLError) -> any SQLStatement { try prepared(sql) }

  /// A statement for the caller to keep: no cache is searched when it is executed.
  public func prepared(_ sql: String) throws(SQLError) -> SQLiteStatement {
    try SQLiteStatement(connection, sql: sql, isPersistent: true)
  }

  public func withStatement<Result>(
    _ sql: String, _ body: (any SQLStatement) throws -> Result
  ) throws -> Result {
    let statement = try lend(sql)
    defer { takeBack(statement) }
    return try body(statement)
  }

  /// The same for one without arguments and rows.
  func runCached(_ sql: String) throws(SQLError) {
    let statement = try lend(sql)
    defer { takeBack(statement) }
    while try statement.step() {}
  }

  private func lend(_ sql: String) throws(SQLError) -> SQLiteStatement {
    if let known = recent[sql], !known.isLent {
      known.isLent = true
      return known
    }
    let cached = cache[sql]
    if let cached, !cached.isLent {
      cached.isLent = true
      recent[sql] = cached
      return cached
    }
    // The same SQL inside of its own execution gets a statement of its own, for this once.
    let statement = try prepared(sql)
    statement.isLent = true
    if cached == nil {
      if cache.count >= Self.cachedStatementCountMax { cache.removeAll(keepingCapacity: true) }
      recent[sql] = statement
      cache[sql] = statement
    }
    return statement
  }

  private func takeBack(_ statement: SQLiteStatement) {
    if connection.isOpen { statement.reset() }
    statement.isLent = false
  }

  public var changeCount: Int { Int(sqlite3_changes64(connection.handle)) }

  /// Rows that were written, changed or deleted since the connection was opened, also by what was
  /// rolled back.
  public var totalChangeCount: Int64 { sqlite3_total_changes64(connection.handle) }
}

// A connection is opened without SQLite's mutexes, for one task at a time.
@available(*, unavailable)
extension SQLiteDatabase: Sendable {}
