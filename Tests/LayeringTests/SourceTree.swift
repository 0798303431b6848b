import Foundation

/// The package as it lies on disk.
enum SourceTree {
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// The folders below `Sources` that have Swift code, and `Schemas`.
  static func targets() throws -> [String] {
    try Set(files().map(\.target)).sorted()
  }

  /// All Swift files of the product, ordered by path.
  static func files() throws -> [SourceFile] {
    try swiftPaths(below: "Sources").map { path in
      try file(path, target: String(path.split(separator: "/")[1]))
    }
      + swiftPaths(below: "Schemas").map { try file($0, target: "Schemas") }
  }

  private static func file(_ path: String, target: String) throws -> SourceFile {
    SourceFile(target: target, path: path, text: try text(path))
  }

  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: root.appending(path: path).path)
  }

  private static func swiftPaths(below folder: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: folder).path)
      .filter { $0.hasSuffix(".swift") }
      .map { "\(folder)/\($0)" }
      .sorted()
  }
}
