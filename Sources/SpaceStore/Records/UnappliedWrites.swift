import Database
import Merge

/// What the log says and this schema does not know: noted, to be applied once it does (design §5).
///
/// Empty on a server, which defers what it does not know.
struct UnappliedWrites {
  enum Part: Int64 {
    /// A change of a record whose type is not known.
    case change = 0
    /// A write of a field that is not known.
    case write = 1
    /// The value stands in its register, with a word that is not known.
    case word = 2
  }

  struct Item {
    let row: RowKey
    let position: Position
    let part: Part
    /// The key of the write; empty for a change.
    let key: String
  }

  static let createStatements = [
    """
    CREATE TABLE _unapplied (
      space INTEGER NOT NULL, type TEXT NOT NULL, record BLOB NOT NULL, position INTEGER NOT NULL,
      part INTEGER NOT NULL, key TEXT NOT NULL,
      PRIMARY KEY (space, type, record, position, key)
    ) STRICT, WITHOUT ROWID
    """
  ]

  let database: any SQLDatabase

  func note(_ item: Item) throws {
    try database.run(
      "INSERT OR REPLACE INTO _unapplied VALUES (?, ?, ?, ?, ?, ?)", .integer(item.row.space),
      .text(item.row.type), .blob(item.row.record.bytes),
      .integer(Int64(item.position.rawValue)), .integer(item.part.rawValue), .text(item.key))
  }

  /// In log order within each space.
  func all() throws -> [Item] {
    try database.rows(
      "SELECT space, type, record, position, part, key FROM _unapplied "
        + "ORDER BY space, position, type, record, key"
    ) { row in
      guard let record = RecordID(row.blob(2)), let position = UInt64(exactly: row.integer(3)),
        let position = Position(stored: position), let part = Part(rawValue: row.integer(4))
      else { throw StateError.damaged }
      return Item(
        row: RowKey(space: row.integer(0), type: row.text(1), record: record),
        position: position, part: part, key: row.text(5))
    }
  }

  /// Whether the record has fields that are not known here.
  func has(_ row: RowKey) throws -> Bool {
    try database.first(
      "SELECT 1 FROM _unapplied WHERE space = ? AND type = ? AND record = ? AND part = ? LIMIT 1",
      .integer(row.space), .text(row.type), .blob(row.record.bytes), .integer(Part.write.rawValue)
    ) { _ in true } ?? false
  }

  func remove(_ item: Item) throws {
    try database.run(
      "DELETE FROM _unapplied WHERE space = ? AND type = ? AND record = ? AND position = ? "
        + "AND key = ?",
      .integer(item.row.space), .text(item.row.type), .blob(item.row.record.bytes),
      .integer(Int64(item.position.rawValue)), .text(item.key))
  }
}
