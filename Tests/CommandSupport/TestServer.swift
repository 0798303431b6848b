import Foundation
import Testing

/// A server of the real program, on a free port of this machine.
package final class TestServer: Sendable {
  private let running: Running
  /// `http://127.0.0.1:` and the port.
  package let url: String
  package var process: pid_t { running.process }

  /// What `satchel-server init` prints: the invitation of the first administrator.
  package static func initialize(_ data: String = "server", on stage: Stage) throws -> String {
    try stage.runServer("init", "--data", stage.folder.appending(path: data).path)
      .expect(0, by: "operator", #_sourceLocation).line
  }

  /// Serves what was initialised, until ``stop()``.
  package init(_ data: String = "server", on stage: Stage, options: [String] = []) throws {
    let words = [
      "serve", "--data", stage.folder.appending(path: data).path, "--listen", "127.0.0.1:0",
    ]
    running = try Running(
      Programs.server, words + options,
      environment: stage.environment, in: stage.folder)
    url = try running.line(after: "listening on ")
  }

  @discardableResult
  package func stop() throws -> Outcome {
    try running.stop().expect(0, by: "operator", #_sourceLocation)
  }
}
