import CBOR
import Database
import Merge

/// Between a field's value and its SQL columns.
///
/// Text, numbers and bytes keep their form; lists become JSON arrays, bytes in them hexadecimal, so
/// that people can query them.
extension TableLayout {
  static func sql(_ value: CBORValue?, _ columns: [Column]) -> [SQLValue] {
    guard let value, value != .null else { return columns.map { _ in .null } }
    return columns.map { column in
      guard let component = column.component else { return scalar(value) }
      return value.map?[component].map(scalar) ?? .null
    }
  }

  /// Binds a value to the parameters of its columns. Those of a null value stay null, which they are
  /// after a reset.
  static func bind(
    _ value: CBORValue, _ columns: [Column], to statement: any SQLStatement, from first: Int
  ) throws(SQLError) {
    switch value {
    case .text(let value) where columns[0].component == nil: try statement.bind(first, value)
    case .bytes(let value) where columns[0].component == nil: try statement.bind(first, value)
    default:
      for (index, value) in sql(value, columns).enumerated() {
        try statement.bind(first + index, value)
      }
    }
  }

  /// Whether the columns can hold all of a value. Not a component of a newer schema, nor one that is
  /// there and null.
  static func holds(_ columns: [Column], _ value: CBORValue) -> Bool {
    guard columns.first?.component != nil, let parts = value.map else { return true }
    return parts.entries.allSatisfy { part in
      part.value != .null && columns.contains { $0.component == part.key.text }
    }
  }

  private static func scalar(_ value: CBORValue) -> SQLValue {
    switch value {
    case .null: .null
    case .bool(let value): .integer(value ? 1 : 0)
    case .text(let value): .text(value)
    case .bytes(let value): .blob(value)
    case .array(let values): .text(JSONText.array(values.map(JSONText.element)))
    case .unsigned, .negative: value.integer.map { .integer($0) } ?? .null
    case .map: .null
    }
  }

  /// `nil` where the columns are all null.
  static func value(_ columns: [Column], _ sql: [SQLValue]) throws(StateError) -> CBORValue? {
    guard columns.first?.component != nil else { return try scalar(sql[0], columns[0].kind) }
    var entries: [(key: CBORValue, value: CBORValue)] = []
    for (column, value) in zip(columns, sql) {
      guard let component = column.component, let value = try scalar(value, column.kind) else {
        continue
      }
      entries.append((.text(component), value))
    }
    return entries.isEmpty ? nil : .map(CBORMap(entries))
  }

  private static func scalar(_ sql: SQLValue, _ kind: Field.Kind) throws(StateError) -> CBORValue? {
    switch (sql, kind) {
    case (.null, _): nil
    case (.integer(let value), .boolean): .bool(value != 0)
    case (.integer(let value), _): .integer(value)
    case (.blob(let value), _): .bytes(value)
    case (.text(let text), .list(let element)): .array(try JSONText.elements(text, element))
    case (.text(let text), _): .text(text)
    }
  }
}
