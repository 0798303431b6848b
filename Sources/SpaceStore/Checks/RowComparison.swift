import Database
import Merge

/// Compares the rows of a space with those of a replay, column by column.
struct RowComparison {
  let store: SpaceStore
  let replay: SpaceStore
  let space: SpaceID

  private struct Table {
    let name: String
    /// `nil` where a column says it.
    let type: String?
    /// All but the space's number; the record's type and id come first.
    let columns: [String]
  }

  private static let sideTables = [
    Table(
      name: "_sibling", type: nil,
      columns: ["type", "record", "key", "position", "origin", "time", "value"]),
    Table(
      name: "_deletion", type: nil,
      columns: ["type", "record", "position", "origin", "time", "seen", "further"]),
    Table(name: "_hidden", type: nil, columns: ["type", "record", "state"]),
    Table(name: "_accepted", type: nil, columns: ["type", "record", "state"]),
    Table(name: "_decision", type: nil, columns: ["type", "record", "key", "origin", "value"]),
  ]

  func run(_ report: inout CheckReport) throws {
    let tables = try store.schema.types.map { type in
      Table(
        name: type.name, type: type.name,
        columns: ["record", "_created", "_clock"] + (try store.tables.layout(type.name).columnNames)
      )
    }
    for table in tables + Self.sideTables {
      let expected = try rows(of: table, replay)
      let found = try rows(of: table, store)
      if table.type != nil { report.count(.records, expected.count) }
      guard expected != found else { continue }
      for name in Set(expected).symmetricDifference(found).map({ Self.name($0, table) }).sorted() {
        report.add(.records, name, in: space, .rebuild)
      }
    }
  }

  private func rows(of table: Table, _ store: SpaceStore) throws -> [[SQLValue]] {
    let columns = table.columns.map { "\"\($0)\"" }.joined(separator: ", ")
    return try store.database.rows(
      "SELECT \(columns) FROM \"\(table.name)\" WHERE space = ? ORDER BY \(columns)",
      .integer(try store.storedNumber(space))
    ) { try Self.normal($0.values, table, store) }
  }

  /// A row from before its type grew has a shorter clock, which says the same.
  private static func normal(
    _ row: [SQLValue], _ table: Table, _ store: SpaceStore
  ) throws -> [SQLValue] {
    guard let type = table.type, let place = table.columns.firstIndex(of: "_clock"),
      let bytes = row[place].blobValue
    else { return row }
    var row = row
    do throws(StateError) {
      let fieldCount = try store.tables.layout(type).plainFields.count
      row[place] = .blob(try RowClock(bytes, count: fieldCount).bytes)
    } catch {
      // What cannot be read is different from what can.
    }
    return row
  }

  private static func name(_ row: [SQLValue], _ table: Table) -> String {
    var rest = row[...]
    var type = table.type ?? "record"
    if table.type == nil, case .text(let named)? = rest.popFirst() { type = named }
    let id = rest.first?.blobValue.flatMap { RecordID($0) }.map(\.hex) ?? "?"
    let place = table.type == nil ? " (\(table.name.dropFirst()))" : ""
    return "\(type) \(id) is not what the log says\(place)"
  }
}
