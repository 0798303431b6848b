import Foundation

/// The built programs that the transcripts run.
package enum Programs {
  /// `SATCHEL_BIN`, or where the tests themselves were built.
  package static let folder: URL = {
    if let path = ProcessInfo.processInfo.environment["SATCHEL_BIN"] { return URL(filePath: path) }
    return URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
  }()

  package static var satchel: URL { folder.appending(path: "satchel") }
  package static var server: URL { folder.appending(path: "satchel-server") }
}
