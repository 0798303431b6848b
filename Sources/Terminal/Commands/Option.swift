/// An option of a command: `--name`, `--name VALUE` or `--name=VALUE`.
public struct Option: Sendable {
  enum Kind: Sendable, Equatable {
    case flag
    case value(placeholder: String)
    case values(placeholder: String)
  }

  /// Without the two hyphens.
  public let name: String
  let kind: Kind
  public let help: String

  /// Given or not.
  public static func flag(_ name: String, help: String = "") -> Option {
    Option(name: name, kind: .flag, help: help)
  }

  /// Given at most once.
  public static func value(_ name: String, _ placeholder: String, help: String = "") -> Option {
    Option(name: name, kind: .value(placeholder: placeholder), help: help)
  }

  /// Given as often as needed.
  public static func values(_ name: String, _ placeholder: String, help: String = "") -> Option {
    Option(name: name, kind: .values(placeholder: placeholder), help: help)
  }

  var usage: String {
    switch kind {
    case .flag: "--\(name)"
    case .value(let placeholder): "--\(name) \(placeholder)"
    case .values(let placeholder): "--\(name) \(placeholder) ..."
    }
  }
}
