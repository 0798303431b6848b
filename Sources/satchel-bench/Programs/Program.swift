import Foundation
import Terminal

/// A program of this machine, or one that was built beside this one.
struct Program: Sendable {
  let path: String
  var environment: [String: String] = [:]

  /// One on the path; `nil` where it is not installed.
  static func installed(_ name: String) -> Program? {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return folders.map { "\($0)/\(name)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
      .map { Program(path: $0) }
  }

  static func required(_ name: String) throws(PeerMissing) -> Program {
    guard let program = installed(name) else { throw PeerMissing(name: name) }
    return program
  }

  /// A release binary that was built with this one.
  static func built(_ name: String) throws(Failure) -> Program {
    let own = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    let path = own.deletingLastPathComponent().appendingPathComponent(name).path
    guard FileManager.default.isExecutableFile(atPath: path) else {
      throw Failure("\(name) is not built", hint: "swift build -c release")
    }
    return Program(path: path)
  }

  /// Runs to the end.
  ///
  /// - Returns: what it wrote to standard output.
  /// - Throws: ``Failure`` with the end of what it wrote to standard error, unless it ends with 0.
  @discardableResult
  func run(_ arguments: [String], in folder: String? = nil) throws -> String {
    let process = process(arguments)
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    let scratch = FileManager.default.temporaryDirectory.path + "/" + UUID().uuidString
    let (output, errors) = (try Scratch("\(scratch).out"), try Scratch("\(scratch).err"))
    process.standardOutput = output.handle
    process.standardError = errors.handle
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let name = URL(fileURLWithPath: path).lastPathComponent
      throw Failure(
        "\(name) \(arguments.prefix(2).joined(separator: " ")): "
          + String(decoding: try errors.contents().suffix(500), as: UTF8.self))
    }
    return String(decoding: try output.contents(), as: UTF8.self)
  }

  /// Starts it, to run until ``Process/terminate()``.
  func start(_ arguments: [String], log: String) throws -> Process {
    let process = process(arguments)
    guard FileManager.default.createFile(atPath: log, contents: nil),
      let handle = FileHandle(forWritingAtPath: log)
    else { throw Failure("\(log) cannot be written") }
    process.standardOutput = handle
    process.standardError = handle
    try process.run()
    return process
  }

  private func process(_ arguments: [String]) -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    return process
  }

  /// What a program writes goes to files: a pipe that nobody reads would hold it up, and an agent that
  /// it leaves behind would keep a pipe open.
  private final class Scratch {
    let handle: FileHandle
    private let path: String

    init(_ path: String) throws {
      guard FileManager.default.createFile(atPath: path, contents: nil),
        let handle = FileHandle(forWritingAtPath: path)
      else { throw Failure("\(path) cannot be written") }
      self.path = path
      self.handle = handle
    }

    deinit { unlink(path) }

    func contents() throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }
  }
}
