/// Why a command ended without doing its work: what happened, and what to do about it.
public struct Failure: Error, Sendable, Equatable {
  public var message: String
  /// What the person can do; nil when there is nothing.
  public var hint: String?
  public var exitCode: ExitCode

  public init(_ message: String, hint: String? = nil, exitCode: ExitCode = .failed) {
    self.message = message
    self.hint = hint
    self.exitCode = exitCode
  }

  /// A command line that does not fit what was declared.
  public static func usage(_ message: String, hint: String? = nil) -> Failure {
    Failure(message, hint: hint, exitCode: .usage)
  }

  /// The lines for standard error. Control characters of the message are escaped.
  public var lines: String {
    var text = "error: \(Text.printable(message))\n"
    if let hint { text += "hint: \(Text.printable(hint))\n" }
    return text
  }
}
