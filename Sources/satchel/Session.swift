import Foundation
import HTTP
import Replica
import Sealing
import Signing
import SyncProtocol
import Terminal

/// What a command works with: the home, its keys, the way to the server.
final class Session: Sendable {
  static let shared = Session()

  static let options: [Terminal.Option] =
    [
      .value("home", "DIR", help: "the home of this device (or SATCHEL_HOME)"),
      .value("ca-file", "PEM", help: "trust only this certificate authority (or SATCHEL_CA_FILE)"),
    ] + PasswordSource.options

  let output = Output.standard

  static var environment: [String: String] { ProcessInfo.processInfo.environment }

  /// The clock and the randomness of this machine.
  let world = Environment(
    nowMilliseconds: {
      UInt64(max(0, Int64(Date().timeIntervalSince1970 * 1000) + Session.clockShiftMilliseconds))
    },
    random: SystemRandom())

  /// Read once: the clock is looked at with every record, and the environment is copied with every look.
  private static let clockShiftMilliseconds =
    environment["SATCHEL_CLOCK_SHIFT_MS"].flatMap(Int64.init) ?? 0

  // MARK: The home

  /// `--home`, `SATCHEL_HOME`, or the XDG data directory.
  func homePath(_ invocation: Invocation) -> String {
    if let path = invocation.option("home") { return Self.absolute(path) }
    if let path = Self.environment["SATCHEL_HOME"], !path.isEmpty { return Self.absolute(path) }
    let data = Self.environment["XDG_DATA_HOME"].flatMap { $0.isEmpty ? nil : $0 }
    return (data ?? NSHomeDirectory() + "/.local/share") + "/satchel"
  }

  private static func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
  }

  /// Opens the home and unlocks it, for the time that `body` runs.
  ///
  /// - Parameter unlocked: asks for the password where neither an agent nor an option has it. With
  ///   `false` the replica is unlocked where that needs no question, and locked otherwise.
  /// - Parameter tidies: only a check opens a home without letting go of what may no longer lie in it.
  func withReplica<Result>(
    _ invocation: Invocation, unlocked: Bool = true, tidies: Bool = true,
    _ body: (Replica) throws -> Result
  ) throws -> Result {
    let path = homePath(invocation)
    let replica = try Replica.open(
      Home.open(at: path), environment: world, tidies: tidies)
    if try replica.isLoggedOut() {
      if unlocked { throw ReplicaError.loggedOut }
    } else {
      try unlock(replica, path, invocation, asks: unlocked)
    }
    return try body(replica)
  }

  private func unlock(
    _ replica: Replica, _ path: String, _ invocation: Invocation, asks: Bool
  ) throws {
    if let key = AgentClient.passwordKey(home: path) {
      do {
        return try replica.unlock(passwordKey: key)
      } catch ReplicaError.wrongPassword {
        // The password was changed since; the agent's key is of no use any more.
        AgentClient.stop(home: path)
      }
    }
    let source = try PasswordSource(invocation, environment: Self.environment)
    if case .terminal = source {
      guard asks else { return }
      guard isatty(STDIN_FILENO) == 1 else { throw ReplicaError.locked }
    }
    try PasswordReader(source, output: output).withPassword { password in
      try replica.unlock(password: SecretBytes(copying: password))
    }
  }

  /// Reads a password for a new home: twice on a terminal.
  func withNewPassword<Result>(
    _ invocation: Invocation, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    let source = try PasswordSource(invocation, environment: Self.environment)
    return try PasswordReader(source, output: output)
      .withPassword(prompt: "New password", isNew: true, body)
  }

  // MARK: The server

  func transport(_ replica: Replica, _ invocation: Invocation) throws -> HTTPTransport {
    guard let url = try replica.serverURL() else { throw Failure("the home names no server") }
    return try transport(url: url, invocation)
  }

  func transport(url: String, _ invocation: Invocation) throws -> HTTPTransport {
    try HTTPTransport(
      url: url, authorityFile: invocation.option("ca-file") ?? Self.environment["SATCHEL_CA_FILE"])
  }

  /// Milliseconds since 1970, for options such as `--until`.
  func time(_ text: String) throws -> UInt64 {
    UInt64(try TimeText.parseFuture(text, now: Int64(world.nowMilliseconds())))
  }
}
