/// A declared command: what it is called, what it takes, and what it does.
public struct Command: Sendable {
  /// The words that call it: `["vault", "add"]`.
  public let name: [String]
  /// One line for listings.
  public let summary: String
  /// More for the command's own help; may be empty.
  public let details: String
  public let arguments: [Argument]
  public let options: [Option]
  public let run: @Sendable (Invocation) throws -> Void

  public init(
    name: [String], summary: String, details: String = "", arguments: [Argument] = [],
    options: [Option] = [], run: @escaping @Sendable (Invocation) throws -> Void
  ) {
    precondition(!name.isEmpty)
    for argument in arguments.dropLast() {
      switch argument.occurrence {
      case .repeating, .any: preconditionFailure("only the last argument may repeat")
      case .required, .optional: break
      }
    }
    self.name = name
    self.summary = summary
    self.details = details
    self.arguments = arguments
    self.options = options
    self.run = run
  }
}
