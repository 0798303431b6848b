import Database
import Merge
import SyncProtocol

/// How many of each commit's writes still stand, and where the last one was overwritten: what a server
/// has to know to compact without reading whole logs.
///
/// Only commits of which something was overwritten have a row; it goes when the commit becomes a stub.
public final class OverwrittenWrites {
  private let database: any SQLDatabase
  var schema: Schema
  private let log: LogTable

  init(database: any SQLDatabase, schema: Schema, log: LogTable) {
    self.database = database
    self.schema = schema
    self.log = log
  }

  static let createStatements = [
    """
    CREATE TABLE overwritten (
      space INTEGER NOT NULL, position INTEGER NOT NULL, standing INTEGER NOT NULL,
      last INTEGER NOT NULL, PRIMARY KEY (space, position)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX overwritten_whole ON overwritten (space, position) WHERE standing = 0",
  ]

  /// Takes in what a change did to its record.
  ///
  /// - Parameters:
  ///   - before: the accepted state without the change.
  ///   - stamp: the change's commit.
  func note(
    _ change: RecordChange, _ stamp: CommitStamp, before: RecordState, type: RecordType,
    space: Int64
  ) throws {
    guard type.isCompactable else { return }
    var positions: [Position] = []
    for (key, register) in before.registers {
      for sibling in register.siblings {
        let write = WritePlace(
          type: change.type, record: change.record, key: key, position: sibling.position,
          origin: sibling.authorship.origin)
        if write.isCovered(by: change, stamp, type: type) { positions.append(sibling.position) }
      }
    }
    try note(positions, stamp, type: type, space: space)
  }

  /// Takes in that a change has overwritten what was written at positions: one for each write.
  func note(
    _ positions: [Position], _ stamp: CommitStamp, type: RecordType, space: Int64
  ) throws {
    guard type.isCompactable else { return }
    for position in positions.sorted() {
      try note(position, overwrittenAt: stamp.position, space: space)
    }
  }

  private func note(
    _ position: Position, overwrittenAt last: Position, space: Int64
  ) throws {
    let known = try database.first(
      "SELECT 1 FROM overwritten WHERE space = ? AND position = ?", .integer(space),
      .integer(Int64(position.rawValue))
    ) { _ in true }
    if known != nil {
      try database.run(
        "UPDATE overwritten SET standing = standing - 1, last = ? WHERE space = ? AND position = ?",
        .integer(Int64(last.rawValue)), .integer(space), .integer(Int64(position.rawValue)))
      return
    }
    guard case .commit(_, let encoded)? = try log.entry(space: space, at: position) else { return }
    let commit = try encoded.decoded()
    let count = commit.changes.reduce(0) { $0 + $1.writes.count }
    try database.run(
      "INSERT INTO overwritten VALUES (?, ?, ?, ?)", .integer(space),
      .integer(Int64(position.rawValue)), .integer(Int64(count - 1)),
      .integer(Int64(last.rawValue)))
  }

  /// Commits all of whose writes were overwritten no later than `horizon`, oldest first.
  public func whole(
    space: Int64, horizon: Position, countMax: Int
  ) throws -> [(position: Position, last: Position)] {
    try database.rows(
      "SELECT position, last FROM overwritten WHERE space = ? AND standing = 0 AND last <= ? "
        + "ORDER BY position LIMIT ?",
      .integer(space), .integer(Int64(horizon.rawValue)), .integer(Int64(countMax))
    ) { (Position(UInt64($0.integer(0))), Position(UInt64($0.integer(1)))) }
  }

  /// The commit is a stub now, or will never be one.
  public func drop(_ position: Position, space: Int64) throws {
    try database.run(
      "DELETE FROM overwritten WHERE space = ? AND position = ?", .integer(space),
      .integer(Int64(position.rawValue)))
  }

  func purge(space: Int64) throws {
    try database.run("DELETE FROM overwritten WHERE space = ?", .integer(space))
  }
}
