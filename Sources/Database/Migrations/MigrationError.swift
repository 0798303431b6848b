/// Why a database was not brought to the newest version. It stays at the last one it reached.
public enum MigrationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A later version of the program wrote this database. Nothing was changed.
  case newerDatabase(found: Int, known: Int)

  /// A step failed and was rolled back.
  case failed(version: Int, name: String, SQLError)

  public var description: String {
    switch self {
    case .newerDatabase(let found, let known):
      "the database has version \(found), and this program knows versions up to \(known)"
    case .failed(let version, let name, let error):
      "migration \(version) (\(name)): \(error)"
    }
  }
}
