import Foundation
import TestSupport
import Testing

/// Somebody at a device: types commands, with a home and a password of their own.
package struct Person: Sendable {
  package static let password = "correct horse"

  package let name: String
  package let home: String
  package let passwordFile: String
  private let stage: Stage
  /// Over the usual ones, at each command.
  private let variables: @Sendable () -> [String: String]

  package init(_ name: String, on stage: Stage) throws {
    try self.init(
      name, home: stage.folder.appending(path: name).path, password: Self.password, on: stage)
  }

  /// Somebody whose home may be there already.
  package init(
    _ name: String, home: String, password: String, on stage: Stage,
    with variables: @escaping @Sendable () -> [String: String] = { [:] }
  ) throws {
    self.name = name
    self.home = home
    self.stage = stage
    self.variables = variables
    passwordFile = try stage.file("\(name).password", password + "\n")
  }

  /// Types a command that has to end with `exit`, and reports the transcript if it does not.
  ///
  /// - Parameter with: environment variables, over the usual ones; an empty value takes one away.
  @discardableResult
  package func run(
    _ words: String..., expecting exit: Int32, with: [String: String] = [:], input: String? = nil,
    _ location: SourceLocation = #_sourceLocation
  ) throws -> Outcome {
    try run(typed: words, with: with, input: input).expect(exit, by: name, location)
  }

  /// Types a command that has to do its work.
  ///
  /// - Returns: standard output without the line end.
  @discardableResult
  package func does(
    _ words: String..., with: [String: String] = [:], _ location: SourceLocation = #_sourceLocation
  ) throws -> String {
    try run(typed: words, with: with).expect(0, by: name, location).line
  }

  /// Types words that a test has in a list.
  package func run(
    typed words: [String], with: [String: String] = [:], input: String? = nil
  ) throws -> Outcome {
    try Running(
      Programs.satchel, words, environment: environment(with), input: input, in: stage.folder
    ).finish()
  }

  /// Types a command and does not wait for it.
  package func starts(_ words: String..., with: [String: String] = [:]) throws -> Running {
    try Running(Programs.satchel, words, environment: environment(with), in: stage.folder)
  }

  /// Types a command at a terminal.
  package func starts(
    _ words: String..., at terminal: PseudoTerminal, with: [String: String] = [:]
  ) throws -> Running {
    try Running(Programs.satchel, words, environment: environment(with), at: terminal)
  }

  /// Lets a shell do it, for redirections; `satchel` is on the path.
  package func shell(_ line: String) throws -> Outcome {
    var environment = environment([:])
    environment["PATH"] = "\(Programs.folder.path):/usr/bin:/bin"
    return try Running(
      URL(filePath: "/bin/bash"), ["-c", line], environment: environment, in: stage.folder
    ).finish()
  }

  private func environment(_ with: [String: String]) -> [String: String] {
    stage.environment
      .merging(["SATCHEL_HOME": home, "SATCHEL_PASSWORD_FILE": passwordFile]) { $1 }
      .merging(variables()) { $1 }
      .merging(with) { $1 }
      .filter { !$0.value.isEmpty }
  }

  package var hasHome: Bool { FileManager.default.fileExists(atPath: home + "/replica.db") }

  /// Keeps the keys at hand, which spares each command the derivation of the password key.
  package func unlock() throws { try does("unlock", "--for", "10m") }

  package func lockIfUnlocked() throws {
    if FileManager.default.fileExists(atPath: home + "/agent.sock") { try does("lock") }
  }
}

extension Outcome {
  package func expect(_ exit: Int32, by name: String, _ location: SourceLocation) -> Outcome {
    if self.exit != exit {
      Issue.record("\(name) expected exit \(exit):\n\(transcript)", sourceLocation: location)
    }
    return self
  }
}
