import Database
import Foundation
import Terminal

/// What the figures were taken on.
struct Machine: Sendable {
  let processor: String
  let coreCount: Int
  let memoryByteCount: UInt64
  let system: String

  /// This one.
  static var current: Machine {
    Machine(
      processor: field("model name", of: "/proc/cpuinfo") ?? "unknown",
      coreCount: ProcessInfo.processInfo.activeProcessorCount,
      memoryByteCount: ProcessInfo.processInfo.physicalMemory,
      system: field("PRETTY_NAME", of: "/etc/os-release") ?? "unknown")
  }

  private static func field(_ name: String, of path: String) -> String? {
    guard let text = FileManager.default.contents(atPath: path) else { return nil }
    for line in String(decoding: text, as: UTF8.self).split(separator: "\n") {
      let parts = line.split(maxSplits: 1, whereSeparator: { $0 == ":" || $0 == "=" })
      guard parts.count == 2, parts[0].trimmingCharacters(in: .whitespaces) == name else {
        continue
      }
      return parts[1].trimmingCharacters(in: CharacterSet(charactersIn: " \t\""))
    }
    return nil
  }

  var json: JSONValue {
    [
      "processor": .string(processor), "cores": .integer(Int64(coreCount)),
      "memory_bytes": .integer(Int64(memoryByteCount)), "system": .string(system),
      "sqlite": .string(SQLiteDatabase.version),
    ]
  }

  var text: String {
    "\(processor), \(coreCount) cores, \(memoryByteCount >> 30) GiB, \(system), "
      + "SQLite \(SQLiteDatabase.version)"
  }

  /// What this process holds in memory now.
  static func residentByteCount() throws -> Int {
    let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    let words = text.split(separator: " ")
    guard words.count > 1, let pages = Int(words[1]) else { throw Failure("/proc/self/statm") }
    return pages * sysconf(Int32(_SC_PAGESIZE))
  }
}
