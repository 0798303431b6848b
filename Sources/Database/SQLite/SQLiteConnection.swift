import CSQLite

/// SQLite's handle, shared by a database and its statements, so that it outlives both.
final class SQLiteConnection {
  let handle: OpaquePointer
  private(set) var isOpen = true

  /// How many transactions and savepoints are open.
  var transactionDepth = 0 {
    didSet { if transactionDepth == 0 { loss = nil } }
  }

  /// That the disk was full when SQLite gave the transaction up, see ``hasLostTransaction``.
  private var loss: SQLError?

  /// Whether the outermost of them only reads.
  var isSnapshot = false

  /// Once a process, before SQLite is used first; later it changes nothing, and nothing needs it to.
  private static let setUp: Void = { _ = satchel_count_no_memory() }()

  init(path: String, flags: Int32) throws(SQLError) {
    Self.setUp
    var opened: OpaquePointer?
    // Locks once for the whole process, and keeps what its connections tell each other in its own memory
    // (sqlite.org/vfs.html).
    let fileSystem = SQLiteDatabase.isOnlyProcess ? "unix-excl" : nil
    let result = sqlite3_open_v2(path, &opened, flags, fileSystem)
    guard let handle = opened else {
      throw SQLError(sqlite: result, message: "no memory for a connection")
    }
    self.handle = handle
    guard result == SQLITE_OK else {
      throw SQLError(sqlite: sqlite3_extended_errcode(handle), message: errorMessage)
    }
    sqlite3_extended_result_codes(handle, 1)
  }

  deinit {
    // Statements hold this object, so none is left. A transaction that is open is rolled back.
    if isOpen { sqlite3_close_v2(handle) }
  }

  /// Ends every statement and the connection.
  func close() throws(SQLError) {
    guard isOpen else { return }
    while let statement = sqlite3_next_stmt(handle, nil) { sqlite3_finalize(statement) }
    // Before the call that can fail: what was finalized must not be used in any case.
    isOpen = false
    try check(sqlite3_close(handle))
  }

  /// Whether SQLite itself rolled back the transaction that this side believes to be in, which it
  /// does when a disk fills up or fails. Whoever went on would write outside of any transaction.
  var hasLostTransaction: Bool {
    transactionDepth > 0 && sqlite3_get_autocommit(handle) != 0
  }

  /// What is thrown by whatever goes on in a lost transaction.
  var lossOfTransaction: SQLError { loss ?? .lostTransaction }

  /// Keeps that the disk is full, if the transaction was lost with it: people can do something about
  /// that, and have to hear it even from what goes on in the transaction.
  func failed(_ error: SQLError) -> SQLError {
    if hasLostTransaction, error.category == .full { loss = error }
    return error
  }

  var errorMessage: String { String(cString: sqlite3_errmsg(handle)) }

  var lastError: SQLError {
    SQLError(sqlite: sqlite3_extended_errcode(handle), message: errorMessage)
  }

  func check(_ result: Int32) throws(SQLError) {
    guard result == SQLITE_OK else { throw SQLError(sqlite: result, message: errorMessage) }
  }

  func execute(_ sql: String) throws(SQLError) {
    precondition(isOpen, "the database is closed")
    guard !hasLostTransaction else { throw lossOfTransaction }
    let result = sqlite3_exec(handle, sql, nil, nil, nil)
    guard result == SQLITE_OK else { throw failed(SQLError(sqlite: result, message: errorMessage)) }
  }
}
