import Database
import Merge

/// The tables of the record types: they follow the schema whenever a database is opened.
///
/// A new type gets its table, a new field or component its columns. A row's clock says where its plain
/// fields were written in the order of the table `_layout`, which only ever grows at its end: so rows
/// that were written under an older schema are read as they were meant.
public struct SchemaTables {
  /// The database has types or fields that the schema does not know: a newer program wrote it. To write
  /// its rows would lose their values.
  public struct NewerDatabase: Error, Hashable {
    public let type: String
    /// `nil`: the whole type is not known.
    public let field: String?
  }

  static let createStatements = [
    """
    CREATE TABLE _layout (
      type TEXT NOT NULL, place INTEGER NOT NULL, field TEXT NOT NULL, PRIMARY KEY (type, place)
    ) STRICT, WITHOUT ROWID
    """
  ]

  let database: any SQLDatabase
  let schema: Schema

  /// Takes over the order in which another database knows the fields, before there are any tables: what
  /// is written under it is the same in both.
  static func copyLayouts(from source: any SQLDatabase, to target: any SQLDatabase) throws {
    try source.each("SELECT type, place, field FROM _layout") {
      try target.run(
        "INSERT INTO _layout VALUES (?, ?, ?)", .text($0.text(0)), .integer($0.integer(1)),
        .text($0.text(2)))
    }
  }

  /// Brings the tables up to the schema.
  ///
  /// - Returns: the layout of each type, by name.
  /// - Throws: ``NewerDatabase``, `SQLError`.
  func follow() throws -> [String: TableLayout] {
    let statements = try readStatements()
    let orders = try readOrders()
    try refuseNewer(orders)
    var layouts: [String: TableLayout] = [:]
    for type in schema.types {
      layouts[type.name] = try follow(type, statements[type.name], orders[type.name])
    }
    return layouts
  }

  /// The statement that made each table, by its name; columns that were added stand in it too.
  private func readStatements() throws -> [String: String] {
    var statements: [String: String] = [:]
    try database.each("SELECT name, sql FROM sqlite_master WHERE type = 'table'") {
      statements[$0.text(0)] = $0.text(1)
    }
    return statements
  }

  private func readColumns(of table: String) throws -> Set<String> {
    Set(try database.rows("SELECT name FROM pragma_table_info(?)", .text(table)) { $0.text(0) })
  }

  /// The plain fields of each type, in the order of their places.
  private func readOrders() throws -> [String: [String]] {
    var orders: [String: [String]] = [:]
    try database.each("SELECT type, field FROM _layout ORDER BY type, place") {
      orders[$0.text(0), default: []].append($0.text(1))
    }
    return orders
  }

  private func refuseNewer(_ orders: [String: [String]]) throws {
    for (name, order) in orders.sorted(by: { $0.key < $1.key }) {
      guard let type = schema.type(name) else { throw NewerDatabase(type: name, field: nil) }
      for field in order where type.field(field)?.rule.isSet ?? true {
        throw NewerDatabase(type: name, field: field)
      }
    }
  }

  private func follow(
    _ type: RecordType, _ statement: String?, _ known: [String]?
  ) throws -> TableLayout {
    let first = TableLayout.firstOrder(type)
    guard let statement else {
      let order = (known ?? []) + first.filter { !(known ?? []).contains($0) }
      let layout = TableLayout(type: type, order: order)
      try database.execute(layout.createStatement)
      try note(order, of: type, from: known?.count ?? 0)
      return layout
    }
    // Most tables are as this schema makes them; to ask each for its columns takes a millisecond.
    if let known, first.allSatisfy(known.contains) {
      let layout = TableLayout(type: type, order: known)
      if layout.createStatement == statement { return layout }
    }
    let columns = try readColumns(of: type.name)
    // A table from before there was a `_layout` has its fields in the order of their names.
    let old = known ?? first.filter { Self.hasColumns(type, $0, columns) }
    let order = old + first.filter { !old.contains($0) }
    let layout = TableLayout(type: type, order: order)
    for column in layout.columns.flatMap(\.self) where !columns.contains(column.name) {
      try database.execute(TableLayout.addColumnStatement(column, to: type.name))
    }
    try note(order, of: type, from: known?.count ?? 0)
    return layout
  }

  private static func hasColumns(
    _ type: RecordType, _ field: String, _ columns: Set<String>
  ) -> Bool {
    guard let field = type.field(field) else { return false }
    return TableLayout.columns(field).contains { columns.contains($0.name) }
  }

  private func note(_ order: [String], of type: RecordType, from start: Int) throws {
    for place in order.indices.dropFirst(start) {
      try database.run(
        "INSERT INTO _layout VALUES (?, ?, ?)", .text(type.name), .integer(Int64(place)),
        .text(order[place]))
    }
  }
}
