import Database
import Merge

extension SyncServer {
  /// Answers one SQL query that only reads, on a connection that can only read: for what the server
  /// reports of itself.
  ///
  /// `consent_status(space, record)` and `consent_permissions(space, record)` say where an assignment stands
  /// by the server's time, by the same function as everywhere.
  ///
  /// - Throws: `SQLError`; ``ServerError/notInitialised`` for a server in memory.
  package func query(_ sql: String) throws -> SQLiteDatabase.QueryResult {
    guard let databasePath else { throw ServerError.notInitialised }
    return try withCore { core in
      var options = SQLiteDatabase.Options()
      options.isReadOnly = true
      let reader = try SQLiteDatabase(path: databasePath, options: options)
      try core.store.addConsentFunctions(to: reader) { core.now }
      let result = try reader.readOnlyQuery(sql, limits: SQLiteDatabase.QueryLimits())
      try reader.close()
      return result
    }
  }

  /// Requests that wait for something to tell.
  package var heldAnswerCount: Int { withCore { $0.heldFeeds.count } }

  /// Whether each transaction is on the disk before it is answered: what a benchmark of it rests on.
  package func syncsEachTransaction() throws -> Bool {
    try withCore { core in
      let synchronous = try core.database.first("PRAGMA synchronous") { $0.integer(0) }
      let mode = try core.database.first("PRAGMA journal_mode") { $0.text(0) }
      return synchronous == 2 && mode == "wal"
    }
  }
}
