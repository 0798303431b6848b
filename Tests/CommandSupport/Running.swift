import Foundation
import Synchronization
import TestSupport
import Testing

/// How a command ended.
package struct Outcome: Sendable {
  package let command: String
  package let exit: Int32
  package let out: String
  package let err: String

  /// As it would look in a terminal.
  package var transcript: String { "$ \(command)\n\(out)\(err)→ exit \(exit)" }

  /// Standard output without the line end.
  package var line: String { out.trimmingCharacters(in: .whitespacesAndNewlines) }
}

/// A program that was started, with what it writes going to two files.
///
/// Not Foundation's `Process`: that takes a program for running as long as any process that it has
/// started holds the descriptors it was given, and `satchel unlock` leaves an agent behind.
package final class Running: Sendable {
  /// A command that takes longer hangs.
  package static let secondsMax = 60.0

  private let command: String
  package let process: pid_t
  private let status = Mutex<Int32?>(nil)
  /// `nil` at a terminal.
  private let out: String?
  private let err: String?

  /// - Parameters:
  ///   - folder: where the two files are kept until the end.
  ///   - environment: the whole of it, so that nothing of the caller's gets in.
  package init(
    _ program: URL, _ words: [String], environment: [String: String], input: String? = nil,
    in folder: URL
  ) throws {
    command = ([program.lastPathComponent] + words).joined(separator: " ")
    let name = folder.appending(path: UUID().uuidString).path
    let (out, err) = ("\(name).out", "\(name).err")
    (self.out, self.err) = (out, err)
    try Data((input ?? "").utf8).write(to: URL(filePath: "\(name).in"))
    process = try Self.spawn(
      [program.path] + words, environment: environment.map { "\($0.key)=\($0.value)" }.sorted(),
      files: [
        (0, "\(name).in", O_RDONLY), (1, out, O_WRONLY | O_CREAT), (2, err, O_WRONLY | O_CREAT),
      ])
  }

  /// A program with nothing but a terminal, as somebody sits at it: what it writes goes there.
  package init(
    _ program: URL, _ words: [String], environment: [String: String], at terminal: PseudoTerminal
  ) throws {
    command = ([program.lastPathComponent] + words).joined(separator: " ")
    (out, err) = (nil, nil)
    // The leader of a session that opens a terminal gets it as its own, which `/dev/tty` then is.
    process = try Self.spawn(
      [program.path] + words, environment: environment.map { "\($0.key)=\($0.value)" }.sorted(),
      files: (0...2).map { (Int32($0), terminal.path, O_RDWR) }, flags: Self.newSession)
  }

  /// POSIX_SPAWN_SETSID, which is behind _GNU_SOURCE.
  private static let newSession: Int16 = 0x80

  private static func spawn(
    _ words: [String], environment: [String], files: [(number: Int32, path: String, flags: Int32)],
    flags: Int16 = 0
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for file in files {
      posix_spawn_file_actions_addopen(&actions, file.number, file.path, file.flags, 0o600)
    }
    // A thread of these tests may hold signals back, and what it starts would do so too.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var noSignals = sigset_t()
    posix_spawnattr_setsigmask(&attributes, &noSignals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK) | flags)
    let program = words[0]
    var words: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    var environment: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
    defer { for text in words + environment { free(text) } }
    var process: pid_t = 0
    let code = posix_spawn(&process, program, &actions, &attributes, &words, &environment)
    guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EIO) }
    return process
  }

  /// Whether it still runs; takes in how it ended.
  private var isRunning: Bool {
    status.withLock { status in
      guard status == nil else { return false }
      var word: Int32 = 0
      guard waitpid(process, &word, WNOHANG) == process else { return true }
      // As a shell tells it: the exit code, or 128 and the signal.
      status = word & 0x7f == 0 ? (word >> 8) & 0xff : 128 + (word & 0x7f)
      return false
    }
  }

  /// Waits for the end; a program that hangs is ended and reported.
  package func finish(_ location: SourceLocation = #_sourceLocation) throws -> Outcome {
    let deadline = Date().addingTimeInterval(Self.secondsMax)
    while isRunning {
      if Date() > deadline {
        Issue.record(
          "still running after \(Self.secondsMax) s: \(command)", sourceLocation: location)
        kill(process, SIGKILL)
      }
      usleep(2_000)
    }
    return Outcome(
      command: command, exit: status.withLock { $0 ?? -1 }, out: try text(out), err: try text(err))
  }

  /// Sends SIGTERM to this process, and waits for its end.
  package func stop() throws -> Outcome {
    if isRunning { kill(process, SIGTERM) }
    return try finish()
  }

  /// What follows `prefix` on the first whole line of standard output that has it, once it is there.
  package func line(after prefix: String) throws -> String {
    let deadline = Date().addingTimeInterval(Self.secondsMax)
    while Date() < deadline {
      let hasEnded = !isRunning
      for line in try text(out).split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      {
        if let range = line.range(of: prefix) { return String(line[range.upperBound...]) }
      }
      if hasEnded { break }
      usleep(5_000)
    }
    throw Missing(text: prefix, transcript: try text(out) + text(err))
  }

  package struct Missing: Error {
    package let text: String
    package let transcript: String
  }

  private func text(_ path: String?) throws -> String {
    guard let path else { return "" }
    return String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
  }
}
