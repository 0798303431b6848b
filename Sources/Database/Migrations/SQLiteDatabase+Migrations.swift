extension SQLiteDatabase {
  /// The version of the schema, as the last migration left it (`PRAGMA user_version`); 0 of a new
  /// database.
  public func schemaVersion() throws(SQLError) -> Int {
    let statement = try prepared("PRAGMA user_version")
    defer { statement.reset() }
    return try statement.step() ? Int(statement.integer(0)) : 0
  }

  /// Brings the schema to the version of the last migration, each step in a transaction of its own.
  ///
  /// Steps that were taken before are not repeated, also if another process takes them at the same
  /// time. `migrations` are numbered from 1 without gaps.
  ///
  /// - Throws: ``MigrationError``, and what ``onTransactionBoundary`` throws.
  public func migrate(_ migrations: [Migration]) throws {
    precondition(
      migrations.map(\.version) == Array(1..<(migrations.count + 1)),
      "migrations are numbered from 1 without gaps")
    precondition(connection.transactionDepth == 0, "migrations inside of a transaction")
    let known = migrations.count
    let found = try schemaVersion()
    guard found <= known else { throw MigrationError.newerDatabase(found: found, known: known) }
    for migration in migrations where migration.version > found {
      do {
        try transaction { try apply(migration) }
      } catch let error as SQLError {
        throw MigrationError.failed(version: migration.version, name: migration.name, error)
      }
    }
  }

  /// Inside of the write lock, so that the version cannot change any more.
  private func apply(_ migration: Migration) throws {
    guard try schemaVersion() < migration.version else { return }
    for statement in migration.statements { try execute(statement) }
    try execute("PRAGMA user_version = \(migration.version)")
  }
}
