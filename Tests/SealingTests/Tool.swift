import Foundation

/// Runs a program of the system with bytes in and bytes out.
enum Tool {
  struct Outcome {
    let status: Int32
    let output: [UInt8]
    let errors: String
  }

  static func isPresent(_ path: String) -> Bool {
    FileManager.default.isExecutableFile(atPath: path)
  }

  static func run(_ path: String, _ arguments: [String], input: [UInt8] = []) throws -> Outcome {
    try inTemporaryFolder { folder in
      // Files and not pipes, which would fill up both ways.
      let source = folder.appendingPathComponent("in")
      let output = folder.appendingPathComponent("out")
      let errors = folder.appendingPathComponent("err")
      try Data(input).write(to: source)
      try Data().write(to: output)
      try Data().write(to: errors)
      let process = Process()
      process.executableURL = URL(fileURLWithPath: path)
      process.arguments = arguments
      process.standardInput = try FileHandle(forReadingFrom: source)
      process.standardOutput = try FileHandle(forWritingTo: output)
      process.standardError = try FileHandle(forWritingTo: errors)
      try process.run()
      process.waitUntilExit()
      return Outcome(
        status: process.terminationStatus, output: [UInt8](try Data(contentsOf: output)),
        errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
    }
  }

  static func inTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("sealing-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let result: Swift.Result<Result, any Error> = .init { try body(folder) }
    try FileManager.default.removeItem(at: folder)
    return try result.get()
  }
}
