import Foundation
import Terminal

/// Where the server keeps everything: `--data`, `SATCHEL_SERVER_DATA`, or below the XDG data
/// directory.
enum DataDirectory {
  static let option = Option.value(
    "data", "DIR", help: "the data directory (SATCHEL_SERVER_DATA, or below XDG_DATA_HOME)")

  static func path(_ invocation: Invocation) -> String {
    if let given = invocation.option("data") { return trimmed(given) }
    let environment = ProcessInfo.processInfo.environment
    if let given = environment["SATCHEL_SERVER_DATA"], !given.isEmpty { return trimmed(given) }
    if let base = environment["XDG_DATA_HOME"], base.hasPrefix("/") {
      return trimmed(base) + "/satchel-server"
    }
    return (environment["HOME"] ?? ".") + "/.local/share/satchel-server"
  }

  /// Without slashes at the end.
  private static func trimmed(_ path: String) -> String {
    var path = path[...]
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    return String(path)
  }

  /// Makes the directories above the data directory.
  static func makeParents(of path: String) throws(Failure) {
    let parent = URL(fileURLWithPath: path).deletingLastPathComponent()
    do {
      try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
    } catch {
      throw Failure("the directory \(parent.path) cannot be made")
    }
  }
}
