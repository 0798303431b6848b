import CSQLite

extension SQLiteDatabase {
  /// What every connection gets.
  func configureConnection() throws(SQLError) {
    let handle = connection.handle
    sqlite3_busy_timeout(handle, options.busyTimeoutMilliseconds)
    sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, options.valueByteCountMax)
    let settings: [(option: Int32, value: Int32)] = [
      // A damaged or hostile file can neither run functions from its schema, nor be written around
      // SQLite's own checks; a misspelt column is an error, not a text.
      (SQLITE_DBCONFIG_DEFENSIVE, 1),
      (SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0),
      (SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0),
      (SQLITE_DBCONFIG_DQS_DML, 0),
      (SQLITE_DBCONFIG_DQS_DDL, 0),
      (SQLITE_DBCONFIG_ENABLE_FKEY, 1),
    ]
    for setting in settings {
      try connection.check(satchel_db_config(handle, setting.option, setting.value))
    }
    // Temporary files could hold what is sealed; mapped files turn a disk's error into a signal.
    try execute(
      """
      PRAGMA temp_store = MEMORY;
      PRAGMA mmap_size = 0;
      PRAGMA cell_size_check = ON;
      PRAGMA secure_delete = \(options.isDeletionSecure ? "ON" : "OFF");
      PRAGMA cache_size = \(options.cachePageCount);
      """)
    if options.pageCountMax > 0 { try execute("PRAGMA max_page_count = \(options.pageCountMax)") }
  }

  /// What a connection to a file gets besides.
  func configureFile() throws(SQLError) {
    let durability =
      switch options.durability {
      case _ where !Self.isDurable: "OFF"
      case .full: "FULL"
      case .normal: "NORMAL"
      }
    try execute("PRAGMA synchronous = \(durability)")
    // Reading the mode reads the file's header, so that something else than a database fails here.
    let statement = try prepared(
      options.isReadOnly ? "PRAGMA journal_mode" : "PRAGMA journal_mode = WAL")
    defer { statement.reset() }
    let mode = try statement.step() ? statement.text(0) : ""
    guard options.isReadOnly || mode == "wal" else {
      throw SQLError(sqlite: SQLITE_CANTOPEN, message: "the file system cannot hold a WAL")
    }
  }
}
