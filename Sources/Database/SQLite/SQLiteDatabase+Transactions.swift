import CSQLite

extension SQLiteDatabase {
  /// See ``SQLDatabase/transaction(_:)``. Takes the write lock at the start, so that it fails as
  /// `busy` before any work rather than after it.
  public func transaction<Result>(_ body: () throws -> Result) throws -> Result {
    guard connection.transactionDepth == 0 else { return try savepoint(body) }
    try runCached("BEGIN IMMEDIATE")
    connection.transactionDepth = 1
    let result: Result
    do {
      result = try body()
      try onTransactionBoundary?(.willCommit)
      try runCached("COMMIT")
    } catch {
      connection.transactionDepth = 0
      try rollBackIfNeeded(after: error)
      throw error
    }
    connection.transactionDepth = 0
    try onTransactionBoundary?(.didCommit)
    return result
  }

  /// Transactions in here are in the WAL, in their order, but may be lost with the power until a later one
  /// is synced.
  ///
  /// - Precondition: no transaction is open.
  public func withoutSyncing<Result>(_ body: () throws -> Result) throws -> Result {
    precondition(!isInTransaction, "durability is chosen before a transaction")
    guard options.durability == .full else { return try body() }
    // Not cached: SQLite carries this pragma out when it is prepared, and not again.
    try execute("PRAGMA synchronous = NORMAL")
    let result = Swift.Result { try body() }
    try execute("PRAGMA synchronous = FULL")
    return try result.get()
  }

  /// See ``SQLDatabase/snapshot(_:)``. Never waits for writers, and they never for it.
  public func snapshot<Result>(_ body: () throws -> Result) throws -> Result {
    guard connection.transactionDepth == 0 else { return try body() }
    try runCached("BEGIN DEFERRED")
    connection.transactionDepth = 1
    connection.isSnapshot = true
    defer { connection.isSnapshot = false }
    let result: Result
    do {
      result = try body()
      try runCached("COMMIT")
    } catch {
      connection.transactionDepth = 0
      try rollBackIfNeeded(after: error)
      throw error
    }
    connection.transactionDepth = 0
    return result
  }

  /// Whether a transaction is open.
  public var isInTransaction: Bool { connection.transactionDepth > 0 }

  private func savepoint<Result>(_ body: () throws -> Result) throws -> Result {
    // Its view can be older than the last write, and then no write can follow it.
    precondition(!connection.isSnapshot, "a transaction inside of a snapshot")
    let name = "level_\(connection.transactionDepth)"
    try runCached("SAVEPOINT \(name)")
    connection.transactionDepth += 1
    defer { connection.transactionDepth -= 1 }
    do {
      let result = try body()
      try runCached("RELEASE \(name)")
      return result
    } catch {
      // If SQLite has rolled everything back, the savepoint went with it.
      if sqlite3_get_autocommit(connection.handle) == 0 {
        try runCached("ROLLBACK TO \(name)")
        try runCached("RELEASE \(name)")
      }
      throw error
    }
  }

  /// Rolls back, unless SQLite did so itself. If that fails, the connection is in no known state,
  /// and that error is the one to know of.
  private func rollBackIfNeeded(after error: any Error) throws(SQLError) {
    guard sqlite3_get_autocommit(connection.handle) == 0 else { return }
    try runCached("ROLLBACK")
  }
}
