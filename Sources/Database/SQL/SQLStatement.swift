/// A prepared statement and the row it stands on.
///
/// Parameters count from 1, columns from 0, as SQL's drivers do. Asking for a column while there is
/// no row is a mistake of the caller, and stops the process.
public protocol SQLStatement: AnyObject {
  /// How many parameters the statement has.
  var parameterCount: Int { get }

  /// How many columns each row has; 0 for a statement that returns none.
  var columnCount: Int { get }

  func columnName(_ column: Int) -> String

  func bindNull(_ index: Int) throws(SQLError)
  func bind(_ index: Int, _ value: Int64) throws(SQLError)
  func bind(_ index: Int, _ value: String) throws(SQLError)
  func bind(_ index: Int, _ value: [UInt8]) throws(SQLError)
  func bind(_ index: Int, _ value: UnsafeRawBufferPointer) throws(SQLError)

  /// Moves to the next row. `false` after the last one.
  func step() throws(SQLError) -> Bool

  /// Ends the execution and forgets all arguments.
  func reset()

  func isNull(_ column: Int) -> Bool

  /// The column as a number; 0 of null.
  func integer(_ column: Int) -> Int64

  /// The column as text; empty of null. Bytes that are not UTF-8 are replaced.
  func text(_ column: Int) -> String

  /// A copy of the column's bytes; empty of null.
  func blob(_ column: Int) -> [UInt8]

  /// The column's bytes in place, valid until `body` returns.
  func withBlob<Result>(
    _ column: Int, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result

  func value(_ column: Int) -> SQLValue
}

extension SQLStatement {
  public func bind(_ index: Int, _ value: SQLValue) throws(SQLError) {
    switch value {
    case .null: try bindNull(index)
    case .integer(let value): try bind(index, value)
    case .text(let value): try bind(index, value)
    case .blob(let value): try bind(index, value)
    }
  }

  /// Binds every parameter, in order. As many arguments as parameters.
  public func bind(_ arguments: [SQLValue]) throws(SQLError) {
    precondition(
      arguments.count == parameterCount,
      "\(arguments.count) arguments for \(parameterCount) parameters")
    for index in 0..<arguments.count { try bind(index + 1, arguments[index]) }
  }

  /// Executes the statement to its end with the arguments bound so far, then resets it.
  public func run() throws(SQLError) {
    defer { reset() }
    while try step() {}
  }

  /// The number, or `nil` of null.
  public func optionalInteger(_ column: Int) -> Int64? { isNull(column) ? nil : integer(column) }

  /// The text, or `nil` of null.
  public func optionalText(_ column: Int) -> String? { isNull(column) ? nil : text(column) }

  /// The bytes, or `nil` of null.
  public func optionalBlob(_ column: Int) -> [UInt8]? { isNull(column) ? nil : blob(column) }

  /// All columns of the row.
  public var values: [SQLValue] { (0..<columnCount).map { value($0) } }
}
