import Foundation
import Testing

/// How a command ended.
struct Outcome: Sendable {
  let command: String
  let exit: Int32
  let out: String
  let err: String

  /// As it would look in a terminal.
  var transcript: String { "$ \(command)\n\(out)\(err)→ exit \(exit)" }

  /// Standard output without the line end.
  var line: String { out.trimmingCharacters(in: .whitespacesAndNewlines) }
}

/// A program that was started, with what it writes going to two files.
final class Running: Sendable {
  /// A command that takes longer hangs.
  static let secondsMax = 60.0

  private let command: String
  private let process: Process
  private let end = DispatchSemaphore(value: 0)
  private let out: URL
  private let err: URL

  /// - Parameters:
  ///   - folder: where the two files are kept until the end.
  ///   - environment: the whole of it, so that nothing of the caller's gets in.
  init(
    _ program: URL, _ words: [String], environment: [String: String], input: String? = nil,
    in folder: URL
  ) throws {
    command = ([program.lastPathComponent] + words).joined(separator: " ")
    let name = UUID().uuidString
    out = folder.appending(path: "\(name).out")
    err = folder.appending(path: "\(name).err")
    let source = folder.appending(path: "\(name).in")
    for (file, text) in [(out, ""), (err, ""), (source, input ?? "")] {
      try Data(text.utf8).write(to: file)
    }
    process = Process()
    process.executableURL = program
    process.arguments = words
    process.environment = environment
    process.standardInput = try FileHandle(forReadingFrom: source)
    process.standardOutput = try FileHandle(forWritingTo: out)
    process.standardError = try FileHandle(forWritingTo: err)
    let end = end
    process.terminationHandler = { _ in end.signal() }
    try process.run()
  }

  /// Waits for the end; a program that hangs is ended and reported.
  func finish(_ location: SourceLocation = #_sourceLocation) throws -> Outcome {
    if end.wait(timeout: .now() + Self.secondsMax) == .timedOut {
      Issue.record("still running after \(Self.secondsMax) s: \(command)", sourceLocation: location)
      kill(process.processIdentifier, SIGKILL)
      end.wait()
    }
    // `wait` may be asked again.
    end.signal()
    return Outcome(
      command: command, exit: process.terminationStatus, out: try text(out), err: try text(err))
  }

  /// Sends SIGTERM to this process, and waits for its end.
  func stop() throws -> Outcome {
    if process.isRunning { kill(process.processIdentifier, SIGTERM) }
    return try finish()
  }

  /// The rest of the first line on standard output that has `prefix`, once it is there.
  func line(after prefix: String) throws -> String {
    for _ in 0..<600 {
      let whole = try text(out).split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      if let line = whole.first(where: { $0.contains(prefix) }),
        let range = line.range(of: prefix)
      {
        return String(line[range.upperBound...])
      }
      guard process.isRunning else { break }
      usleep(20_000)
    }
    throw Missing(text: prefix, transcript: try text(out) + text(err))
  }

  struct Missing: Error {
    let text: String
    let transcript: String
  }

  private func text(_ file: URL) throws -> String {
    String(decoding: try Data(contentsOf: file), as: UTF8.self)
  }
}
