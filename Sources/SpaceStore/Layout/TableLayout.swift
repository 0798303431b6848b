import Merge

/// The SQL table of a record type: one column a field, a group's components each their own.
///
/// A set is shown as a JSON array of its elements. Values of sealed fields are ciphertext.
public final class TableLayout: Sendable {
  /// One SQL column of a field.
  public struct Column: Hashable, Sendable {
    public let name: String
    /// `INTEGER`, `TEXT` or `BLOB`.
    public let sqlType: String
    let kind: Field.Kind
    /// The component of a group; `nil` for a plain field.
    let component: String?
  }

  public let type: RecordType
  /// For each field of the type, in its order.
  let columns: [[Column]]
  /// Fields that have a register of their own under their plain name, in the order of the rows' clocks.
  let plainFields: [Int]
  /// For each field of the type its index in ``plainFields``; `nil` for a set.
  let places: [Int?]
  let columnNames: [String]
  /// For each field of the type how many columns come before its own.
  let columnStarts: [Int]
  /// The row's creation, clock and columns, by space and record.
  let selectStatement: String
  /// The row's creation and clock alone.
  let shapeStatement: String
  /// Space, record, creation, clock and columns.
  let replaceStatement: String
  let deleteStatement: String
  /// The highest record of a space.
  let highestStatement: String

  /// - Parameter order: the names of the plain fields as the database knows them.
  init(type: RecordType, order: [String]) {
    self.type = type
    columns = type.fields.map(Self.columns)
    var plainFields: [Int] = []
    var places: [Int?] = type.fields.map { _ in nil }
    for name in order {
      guard let index = type.fields.firstIndex(where: { $0.name == name }) else {
        preconditionFailure("an order of other fields")
      }
      places[index] = plainFields.count
      plainFields.append(index)
    }
    self.plainFields = plainFields
    self.places = places
    var starts: [Int] = []
    var count = 0
    for own in columns {
      starts.append(count)
      count += own.count
    }
    columnStarts = starts
    columnNames = columns.flatMap { $0 }.map(\.name)
    let quoted = columnNames.map { ", \"\($0)\"" }.joined()
    let marks = columnNames.map { _ in ", ?" }.joined()
    let row = "\"\(type.name)\" WHERE space = ?"
    selectStatement = "SELECT _created, _clock\(quoted) FROM \(row) AND record = ?"
    shapeStatement = "SELECT _created, _clock FROM \(row) AND record = ?"
    replaceStatement =
      "INSERT OR REPLACE INTO \"\(type.name)\" (space, record, _created, _clock\(quoted)) "
      + "VALUES (?, ?, ?, ?\(marks))"
    deleteStatement = "DELETE FROM \(row) AND record = ?"
    highestStatement = "SELECT record FROM \(row) ORDER BY record DESC LIMIT 1"
  }

  /// The plain fields of a type in their first order.
  static func firstOrder(_ type: RecordType) -> [String] {
    type.fields.filter { !$0.rule.isSet }.map(\.name)
  }

  static func columns(_ field: Field) -> [Column] {
    if field.sealed {
      return [Column(name: field.name, sqlType: "BLOB", kind: field.kind, component: nil)]
    }
    if case .group(let components) = field.kind {
      return components.map {
        Column(
          name: "\(field.name)_\($0.name)", sqlType: sqlType($0.kind), kind: $0.kind,
          component: $0.name)
      }
    }
    return [
      Column(name: field.name, sqlType: sqlType(field.kind), kind: field.kind, component: nil)
    ]
  }

  private static func sqlType(_ kind: Field.Kind) -> String {
    switch kind {
    case .text, .enumeration, .list, .set: "TEXT"
    case .integer, .boolean, .time: "INTEGER"
    case .bytes, .account, .record: "BLOB"
    case .group: preconditionFailure("a group has a column for each component")
    }
  }

  /// `WITHOUT ROWID`: rows lie in the order of their time-ordered ids.
  var createStatement: String {
    let declared = columns.flatMap { $0 }.map { "\"\($0.name)\" \($0.sqlType)" }
    let all =
      ["space INTEGER NOT NULL", "record BLOB NOT NULL"] + declared
      + ["_created INTEGER NOT NULL", "_clock BLOB NOT NULL", "PRIMARY KEY (space, record)"]
    return """
      CREATE TABLE "\(type.name)" (
        \(all.joined(separator: ",\n  "))
      ) STRICT, WITHOUT ROWID
      """
  }

  static func addColumnStatement(_ column: Column, to type: String) -> String {
    "ALTER TABLE \"\(type)\" ADD COLUMN \"\(column.name)\" \(column.sqlType)"
  }
}
