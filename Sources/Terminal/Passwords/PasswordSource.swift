/// Where a password comes from. Never from an argument: those show in process listings and in the
/// shell's history.
public enum PasswordSource: Sendable, Equatable {
  /// Asked for, without echo.
  case terminal
  case file(path: String)
  /// An open file descriptor, read to its end.
  case descriptor(Int32)

  /// Names the file when no option does.
  public static let environmentVariable = "SATCHEL_PASSWORD_FILE"

  /// The options that ``init(_:environment:)`` reads, for a command's declaration.
  public static let options: [Option] = [
    .value("password-file", "PATH", help: "read the password from this file"),
    .value("password-fd", "N", help: "read the password from this open file descriptor"),
  ]

  /// The same for the password that is to come.
  public static let newOptions: [Option] = [
    .value("new-password-file", "PATH", help: "read the new password from this file"),
    .value("new-password-fd", "N", help: "read the new password from this open file descriptor"),
  ]

  /// What ``newOptions`` say, else the terminal.
  public init(newOf invocation: Invocation) throws(Failure) {
    try self.init(
      file: invocation.option("new-password-file"),
      descriptor: invocation.option("new-password-fd"), environment: [:])
  }

  /// What the command line says, else the environment, else the terminal.
  public init(_ invocation: Invocation, environment: [String: String]) throws(Failure) {
    try self.init(
      file: invocation.option("password-file"), descriptor: invocation.option("password-fd"),
      environment: environment)
  }

  init(file: String?, descriptor: String?, environment: [String: String]) throws(Failure) {
    switch (file, descriptor) {
    case (_?, _?):
      throw Failure.usage("--password-file and --password-fd exclude each other")
    case (let path?, nil):
      self = .file(path: path)
    case (nil, let text?):
      guard let number = Int32(text), number >= 0 else {
        throw Failure.usage("--password-fd takes the number of an open file, not “\(text)”")
      }
      self = .descriptor(number)
    case (nil, nil):
      guard let path = environment[PasswordSource.environmentVariable], !path.isEmpty else {
        self = .terminal
        return
      }
      self = .file(path: path)
    }
  }
}
