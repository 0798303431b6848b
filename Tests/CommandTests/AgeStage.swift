import CommandSupport
import Foundation
import Testing

/// A folder with a key and files for `satchel age`, and a shell in it. No home, no server.
struct AgeStage {
  /// Bytes of a chunk, and what lies around one; several; and a real file.
  static let byteCounts = [0, 1, 65_535, 65_536, 65_537, 1_000_000, 100 << 20]

  let stage: Stage
  let person: Person
  let recipient: String

  init(_ stage: Stage) throws {
    self.stage = stage
    person = try stage.person("ann")
    let folder = stage.folder.appending(path: "t")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let key = folder.appending(path: "key.txt").path
    try person.does("age", "keygen", "-o", key)
    recipient = try person.does("age", "keygen", "-y", key)
  }

  func path(_ name: String) -> String { stage.folder.appending(path: "t/\(name)").path }

  /// Types a line in the folder, with `$R` for the recipient, and expects how it ends.
  @discardableResult
  func types(
    _ line: String, expecting exit: Int32 = 0, _ location: SourceLocation = #_sourceLocation
  ) throws -> Outcome {
    try person.shell("set -o pipefail; cd '\(path(""))'; R=\(recipient); \(line)")
      .expect(exit, by: "the shell", location)
  }

  /// Makes a file of numbers, in which no two pieces are the same.
  func makeFile(_ name: String, byteCount: Int) throws {
    try types("{ seq 1 20000000 || true; } | head -c \(byteCount) > \(name) || true")
    let size = try FileManager.default.attributesOfItem(atPath: path(name))[.size] as? Int
    #expect(size == byteCount)
  }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

  /// What lies in the folder, hidden files too.
  func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path("")).sorted()
  }
}

/// Runs a transcript in such a folder.
func withAgeStage(_ transcript: (AgeStage) throws -> Void) throws {
  try withStage { try transcript(AgeStage($0)) }
}
