/// What a database said when it failed. Never holds bound values.
public struct SQLError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What a caller can do about it.
  public enum Category: Hashable, Sendable {
    /// Another connection holds the lock; try again.
    case busy
    /// The disk or the quota is full; nothing was written.
    case full
    /// The file is damaged.
    case corrupt
    /// A constraint of the schema refused the row.
    case constraint
    /// The system failed to read or write.
    case io
    /// A write through a connection that may only read.
    case readOnly
    /// The file is something else.
    case notADatabase
    /// The file cannot be opened: it does not exist, or permissions forbid it.
    case cannotOpen
    /// Someone called `interrupt`, or the query took more work than it may.
    case interrupted
    /// The query does what a read-only query must not.
    case refused
    /// A value or a statement is larger than the limit.
    case tooLarge
    /// Wrong SQL and everything else.
    case other
  }

  /// The driver's code; of SQLite the extended result code.
  public let code: Int32

  public let category: Category

  /// The driver's own words. They can quote the statement's text, never an argument.
  public let message: String

  public init(code: Int32, category: Category, message: String) {
    self.code = code
    self.category = category
    self.message = message
  }

  public var description: String { "\(message) (SQL error \(code))" }
}
