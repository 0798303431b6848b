/// A positional argument of a command.
public struct Argument: Sendable {
  public enum Occurrence: Sendable {
    case required
    case optional
    /// One or more; only the last argument of a command.
    case repeating
    /// None or more; only the last argument of a command.
    case any
  }

  /// In capitals, as help shows it: `FILE`.
  public let name: String
  public let occurrence: Occurrence
  public let help: String

  public init(_ name: String, _ occurrence: Occurrence = .required, help: String = "") {
    self.name = name
    self.occurrence = occurrence
    self.help = help
  }

  var usage: String {
    switch occurrence {
    case .required: name
    case .optional: "[\(name)]"
    case .repeating: "\(name)..."
    case .any: "[\(name)...]"
    }
  }
}
