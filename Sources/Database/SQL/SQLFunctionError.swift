/// Why a function of the application refused its arguments. Any other error that such a function
/// throws reaches the caller of the SQL without its words.
public struct SQLFunctionError: Error, Hashable, Sendable {
  /// Becomes the message of the ``SQLError``. Must not hold arguments.
  public let message: String

  public init(_ message: String) { self.message = message }
}
