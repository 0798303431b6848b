import CSQLite

extension SQLError {
  /// An extended result code (sqlite.org/rescode.html) and SQLite's message.
  init(sqlite code: Int32, message: String) {
    self.init(code: code, category: Category(sqlite: code), message: message)
  }

  static let notOneStatement = SQLError(
    sqlite: SQLITE_AUTH, message: "not exactly one statement")

  /// Thrown by whatever is executed after SQLite gave up the transaction around it.
  /// The code is SQLITE_ABORT_ROLLBACK, whose macro Swift does not import.
  static let lostTransaction = SQLError(
    sqlite: SQLITE_ABORT | 2 << 8, message: "the transaction was rolled back after an error")
}

extension SQLError.Category {
  init(sqlite code: Int32) {
    // No room for the index of the write-ahead log: an input/output error to SQLite, a full disk to
    // people. (SQLITE_IOERR_SHMSIZE, whose macro Swift does not import.)
    if code == SQLITE_IOERR | 19 << 8 {
      self = .full
      return
    }
    // The primary code is in the low byte.
    self =
      switch code & 0xFF {
      case SQLITE_BUSY, SQLITE_LOCKED: .busy
      case SQLITE_FULL: .full
      case SQLITE_CORRUPT: .corrupt
      case SQLITE_CONSTRAINT, SQLITE_MISMATCH: .constraint
      case SQLITE_IOERR: .io
      case SQLITE_READONLY: .readOnly
      case SQLITE_NOTADB: .notADatabase
      case SQLITE_CANTOPEN, SQLITE_PERM: .cannotOpen
      case SQLITE_INTERRUPT: .interrupted
      case SQLITE_AUTH: .refused
      case SQLITE_TOOBIG: .tooLarge
      default: .other
      }
  }
}
