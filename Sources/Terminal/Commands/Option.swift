/// An option of a command: `--name`, `--name VALUE` or `--name=VALUE`, and by its letter, where it has
/// one, `-n` or `-n VALUE`.
public struct Option: Sendable {
  enum Kind: Sendable, Equatable {
    case flag
    case value(placeholder: String)
    case values(placeholder: String)
  }

  /// Without the two hyphens.
  public let name: String
  /// For those that other programs have made a habit of.
  let letter: Character?
  let kind: Kind
  public let help: String

  /// Given or not.
  public static func flag(_ name: String, letter: Character? = nil, help: String = "") -> Option {
    Option(name: name, letter: letter, kind: .flag, help: help)
  }

  /// Given at most once.
  public static func value(
    _ name: String, _ placeholder: String, letter: Character? = nil, help: String = ""
  ) -> Option {
    Option(name: name, letter: letter, kind: .value(placeholder: placeholder), help: help)
  }

  /// Given as often as needed.
  public static func values(
    _ name: String, _ placeholder: String, letter: Character? = nil, help: String = ""
  ) -> Option {
    Option(name: name, letter: letter, kind: .values(placeholder: placeholder), help: help)
  }

  var usage: String {
    switch kind {
    case .flag: "--\(name)"
    case .value(let placeholder): "--\(name) \(placeholder)"
    case .values(let placeholder): "--\(name) \(placeholder) ..."
    }
  }

  /// For the list of options: the letter too.
  var listed: String { letter.map { "-\($0), \(usage)" } ?? usage }
}
