/// A connection to a SQL database: the seam between what Satchel stores and what stores it.
///
/// Synchronous, and owned by one task at a time. SQL that goes through the protocol keeps to what
/// SQLite and PostgreSQL both speak.
public protocol SQLDatabase: AnyObject {
  /// Executes statements without arguments, separated by semicolons.
  func execute(_ sql: String) throws(SQLError)

  /// Prepares one statement for the caller to keep and to execute often.
  func prepare(_ sql: String) throws(SQLError) -> any SQLStatement

  /// Lends a statement from the connection's cache. It is reset when `body` returns.
  func withStatement<Result>(
    _ sql: String, _ body: (any SQLStatement) throws -> Result
  ) throws -> Result

  /// Runs `body` in a write transaction: all of it is stored when this returns, and nothing when it
  /// throws. Inside of another transaction it is a savepoint.
  func transaction<Result>(_ body: () throws -> Result) throws -> Result

  /// Runs `body` so that all it reads is of one moment. Inside of a transaction, of that one.
  func snapshot<Result>(_ body: () throws -> Result) throws -> Result

  /// How many rows the last `INSERT`, `UPDATE` or `DELETE` touched.
  var changeCount: Int { get }
}

extension SQLDatabase {
  /// Executes one statement and drops its rows.
  public func run(_ sql: String, _ arguments: SQLValue...) throws {
    try run(sql, arguments: arguments)
  }

  /// Executes one statement and drops its rows.
  public func run(_ sql: String, arguments: [SQLValue]) throws {
    try withStatement(sql) { statement in
      try statement.bind(arguments)
      while try statement.step() {}
    }
  }

  /// Calls `body` on each row, in order, without keeping them.
  public func each(
    _ sql: String, _ arguments: SQLValue..., body: (any SQLStatement) throws -> Void
  ) throws {
    try withStatement(sql) { statement in
      try statement.bind(arguments)
      while try statement.step() { try body(statement) }
    }
  }

  /// Each row as `map` makes it.
  public func rows<Row>(
    _ sql: String, _ arguments: SQLValue..., map: (any SQLStatement) throws -> Row
  ) throws -> [Row] {
    try withStatement(sql) { statement in
      try statement.bind(arguments)
      var result: [Row] = []
      while try statement.step() { result.append(try map(statement)) }
      return result
    }
  }

  /// The first row as `map` makes it, or `nil` if there is none.
  public func first<Row>(
    _ sql: String, _ arguments: SQLValue..., map: (any SQLStatement) throws -> Row
  ) throws -> Row? {
    try withStatement(sql) { statement in
      try statement.bind(arguments)
      return try statement.step() ? try map(statement) : nil
    }
  }
}
