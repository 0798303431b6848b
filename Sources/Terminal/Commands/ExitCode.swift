/// How a command ends, for the shell.
public enum ExitCode: Int32, Sendable {
  case done = 0
  case failed = 1
  case usage = 2
  /// Locked, or not allowed.
  case notAllowed = 3
  /// The server was not reachable; the work is kept and will be sent.
  case notReachable = 4
  /// Refused, or in conflict with what is there.
  case refused = 5
}
