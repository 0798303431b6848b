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
}
