import Database
import Foundation

/// A folder for one test, removed with the value that names it.
final class TemporaryFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory
      .appending(path: "satchel-database-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit {
    do {
      try FileManager.default.removeItem(at: url)
    } catch {
      print("notice: \(url.path) was not removed: \(error)")
    }
  }

  func path(_ name: String = "test.db") -> String { url.appending(path: name).path }

  /// A connection to a file in the folder that does not wait for locks.
  func open(
    _ name: String = "test.db", _ change: (inout SQLiteDatabase.Options) -> Void = { _ in }
  ) throws -> SQLiteDatabase {
    var options = SQLiteDatabase.Options()
    options.busyTimeoutMilliseconds = 0
    change(&options)
    return try SQLiteDatabase(path: path(name), options: options)
  }

  /// What a loss of power would leave: the file and its WAL as they are now, under another name.
  func copyDatabase(_ name: String = "test.db", to copy: String) throws {
    for suffix in ["", "-wal"] {
      try FileManager.default.copyItem(atPath: path(name) + suffix, toPath: path(copy) + suffix)
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
