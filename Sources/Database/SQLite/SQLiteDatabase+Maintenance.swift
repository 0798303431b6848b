import CSQLite

extension SQLiteDatabase {
  /// Writes the WAL back into the file and empties it.
  ///
  /// `false` if other connections kept part of it from being written; nothing is lost then.
  @discardableResult
  public func checkpoint() throws(SQLError) -> Bool {
    precondition(connection.transactionDepth == 0, "a checkpoint inside of a transaction")
    let result = sqlite3_wal_checkpoint_v2(
      connection.handle, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
    if result & 0xFF == SQLITE_BUSY { return false }
    try connection.check(result)
    return true
  }

  /// What is wrong with the file: SQLite's own words, at most a hundred. Empty if nothing is.
  ///
  /// Reads every page, and checks that indices, `CHECK`, `NOT NULL` and foreign keys hold.
  public func integrityCheck() throws(SQLError) -> [String] {
    var problems: [String] = []
    do {
      let check = try prepared("PRAGMA integrity_check(100)")
      while try check.step() { problems.append(check.text(0)) }
      if problems == ["ok"] { problems = [] }
      let keys = try prepared("PRAGMA foreign_key_check")
      while problems.count < 100, try keys.step() {
        problems.append("row \(keys.integer(1)) of \(keys.text(0)) has no \(keys.text(2))")
      }
    } catch {
      // A file can be too damaged even for the check.
      guard error.category == .corrupt else { throw error }
      problems.append(error.message)
    }
    return problems
  }

  /// Writes a copy of the database as it is now to a new file, which must not exist yet.
  ///
  /// The copy is compact and has no WAL; whether it is durable, the caller sees to.
  public func backup(to path: String) throws(SQLError) {
    precondition(connection.transactionDepth == 0, "a backup inside of a transaction")
    let statement = try prepared("VACUUM INTO ?")
    try statement.bind(1, path)
    try statement.run()
  }
}
