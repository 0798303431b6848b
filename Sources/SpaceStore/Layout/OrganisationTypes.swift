import Database
import Merge
import Schemas

/// Record types of organisations that the logs of this database have named, each in its latest version.
///
/// Their tables follow like those of any other type. What counts in which space its log says
/// (`SpaceState.pinnedTypes`): a name holds its organisation's id, so that two do not meet.
struct OrganisationTypes {
  static let createStatements = [
    """
    CREATE TABLE _organisation_type (
      type TEXT PRIMARY KEY, organisation BLOB NOT NULL, version INTEGER NOT NULL,
      file BLOB NOT NULL
    ) STRICT, WITHOUT ROWID
    """
  ]

  let database: any SQLDatabase

  /// - Throws: `StateError.damaged` for a file that cannot be read.
  func all() throws -> [RecordType] {
    try database.rows("SELECT type, file FROM _organisation_type ORDER BY type") { row in
      do throws(SchemaError) {
        let type = try SchemaLoader.load(file: row.text(0), bytes: row.blob(1))
        if type.name == row.text(0) { return type }
      } catch {}
      throw StateError.damaged
    }
  }

  /// - Returns: whether it is new here: `false` where this version or a later one is known.
  /// - Throws: `StateError.damaged` where another organisation has a type of that name.
  func keep(_ pinned: LogFact.PinnedType) throws -> Bool {
    let known = try database.first(
      "SELECT organisation, version FROM _organisation_type WHERE type = ?",
      .text(pinned.type.name)
    ) { (organisation: $0.blob(0), version: UInt64(clamping: $0.integer(1))) }
    if let known {
      guard known.organisation == pinned.organisation.bytes else { throw StateError.damaged }
      guard known.version < pinned.index else { return false }
    }
    try database.run(
      "INSERT OR REPLACE INTO _organisation_type VALUES (?, ?, ?, ?)", .text(pinned.type.name),
      .blob(pinned.organisation.bytes), .integer(Int64(pinned.index)), .blob(pinned.file))
    return true
  }

  /// Takes over what another database knows, before there are any tables.
  static func copy(from source: any SQLDatabase, to target: any SQLDatabase) throws {
    try source.each("SELECT type, organisation, version, file FROM _organisation_type") {
      try target.run(
        "INSERT INTO _organisation_type VALUES (?, ?, ?, ?)", .text($0.text(0)),
        .blob($0.blob(1)), .integer($0.integer(2)), .blob($0.blob(3)))
    }
  }
}

extension Schema {
  /// With these types in the place of those of the same names.
  func with(_ newer: [RecordType]) -> Schema {
    let names = Set(newer.map(\.name))
    return Schema(types: types.filter { !names.contains($0.name) } + newer)
  }
}

extension SpaceStore {
  /// The tables of the types that organisations declare.
  public static let organisationStatements = OrganisationTypes.createStatements

  /// Takes in a record type that a log names: from here on there is a table for it.
  func adopt(_ pinned: LogFact.PinnedType) throws {
    guard try OrganisationTypes(database: database).keep(pinned) else { return }
    let grown = schema.with([pinned.type])
    tables.layouts = try SchemaTables(database: database, schema: grown).follow()
    schema = grown
  }
}
