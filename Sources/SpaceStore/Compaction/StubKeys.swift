import Database
import Merge

/// The keys of stubs that nothing in the log so far covers: what a reader is still owed.
///
/// Empty at every signed head of an honest server (design §6, Compaction).
public final class StubKeys {
  private let database: any SQLDatabase
  var schema: Schema
  /// Spaces that have any, so that a commit costs no query where there are none.
  private var owed: Set<Int64>?

  init(database: any SQLDatabase, schema: Schema) {
    self.database = database
    self.schema = schema
  }

  static let createStatements = [
    """
    CREATE TABLE stub_key (
      space INTEGER NOT NULL, type TEXT NOT NULL, record BLOB NOT NULL, key TEXT NOT NULL,
      position INTEGER NOT NULL, origin BLOB NOT NULL,
      PRIMARY KEY (space, type, record, key, position)
    ) STRICT, WITHOUT ROWID
    """
  ]

  /// Forgets what is kept in memory; after a rolled-back transaction.
  func forget() { owed = nil }

  /// Notes the keys of a stub that has just come in.
  func note(_ commit: Commit, _ stamp: CommitStamp, space: Int64) throws {
    for write in WritePlace.all(of: commit, stamp) {
      try database.run(
        "INSERT INTO stub_key VALUES (?, ?, ?, ?, ?, ?)", .integer(space), .text(write.type),
        .blob(write.record.bytes), .text(write.key), .integer(Int64(write.position.rawValue)),
        .blob(write.origin.packed))
    }
    owed = nil
  }

  /// Drops what a commit or stub covers.
  func cover(_ commit: Commit, _ stamp: CommitStamp, space: Int64) throws {
    guard try spaces().contains(space) else { return }
    for change in commit.changes {
      let type = schema.type(change.type)
      for write in try writes(space, change.type, change.record)
      where write.isCovered(by: change, stamp, type: type) {
        try database.run(
          "DELETE FROM stub_key WHERE space = ? AND type = ? AND record = ? AND key = ? "
            + "AND position = ?",
          .integer(space), .text(write.type), .blob(write.record.bytes), .text(write.key),
          .integer(Int64(write.position.rawValue)))
        owed = nil
      }
    }
  }

  private func writes(_ space: Int64, _ type: String, _ record: RecordID) throws -> [WritePlace] {
    try database.rows(
      "SELECT key, position, origin FROM stub_key WHERE space = ? AND type = ? AND record = ?",
      .integer(space), .text(type), .blob(record.bytes)
    ) { row in
      guard let origin = Origin(packed: row.blob(2)) else { throw StateError.damaged }
      return WritePlace(
        type: type, record: record, key: row.text(0), position: Position(UInt64(row.integer(1))),
        origin: origin)
    }
  }

  /// Where the stubs stand that have such keys, in the log's order.
  public func positions(space: Int64) throws -> [Position] {
    try database.rows(
      "SELECT DISTINCT position FROM stub_key WHERE space = ? ORDER BY position", .integer(space)
    ) { Position(UInt64($0.integer(0))) }
  }

  private func spaces() throws -> Set<Int64> {
    if let owed { return owed }
    let found = Set(
      try database.rows("SELECT DISTINCT space FROM stub_key") { $0.integer(0) })
    owed = found
    return found
  }

  func purge(space: Int64) throws {
    try database.run("DELETE FROM stub_key WHERE space = ?", .integer(space))
    owed = nil
  }
}
