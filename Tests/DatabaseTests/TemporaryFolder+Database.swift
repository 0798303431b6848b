import Database
import Foundation
import TestSupport

extension TemporaryFolder {
  func file(_ name: String = "test.db") -> String { path + "/" + name }

  /// A connection to a file in the folder that does not wait for locks.
  func open(
    _ name: String = "test.db", _ change: (inout SQLiteDatabase.Options) -> Void = { _ in }
  ) throws -> SQLiteDatabase {
    var options = SQLiteDatabase.Options()
    options.busyTimeoutMilliseconds = 0
    change(&options)
    return try SQLiteDatabase(path: file(name), options: options)
  }

  /// What a loss of power would leave: the file and its WAL as they are now, under another name.
  func copyDatabase(_ name: String = "test.db", to copy: String) throws {
    for suffix in ["", "-wal"] {
      try FileManager.default.copyItem(atPath: file(name) + suffix, toPath: file(copy) + suffix)
    }
  }
}

/// The category of the SQL error that `body` throws, or `nil` if it throws none.
func category(_ body: () throws -> Void) throws -> SQLError.Category? {
  do {
    try body()
    return nil
  } catch let error as SQLError {
    return error.category
  }
}

extension SQLDatabase {
  /// The only column of the only row.
  func number(_ sql: String) throws -> Int64? { try first(sql) { $0.integer(0) } }
}
