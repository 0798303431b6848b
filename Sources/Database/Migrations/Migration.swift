/// One step of a database's schema, from one version to the next.
///
/// What was shipped once is never changed: the next step repairs it.
public struct Migration: Sendable {
  /// The version that the database has afterwards. The first is 1, and none is left out.
  public let version: Int

  /// A few words for errors.
  public let name: String

  /// SQL without arguments, executed in order in one transaction.
  public let statements: [String]

  public init(version: Int, name: String, statements: [String]) {
    self.version = version
    self.name = name
    self.statements = statements
  }
}
