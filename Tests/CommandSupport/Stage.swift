import Foundation
import Synchronization
import Testing

/// A folder for one transcript, with the homes of its people; removed at its end.
package final class Stage: Sendable {
  package let folder: URL
  private let people = Mutex<[Person]>([])

  package init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "satchel-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
  }

  /// Somebody with a device of their own, whose home does not exist yet.
  package func person(_ name: String) throws -> Person {
    let person = try Person(name, on: self)
    take(person)
    return person
  }

  /// Takes somebody whose home lies elsewhere: their agent is ended with the others.
  package func take(_ person: Person) { people.withLock { $0.append(person) } }

  /// A file that only its owner can read.
  package func file(_ name: String, _ text: String) throws -> String {
    let file = folder.appending(path: name)
    try Data(text.utf8).write(to: file)
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
    return file.path
  }

  /// What the operator types.
  package func runServer(_ words: String...) throws -> Outcome {
    try Running(Programs.server, words, environment: environment, in: folder).finish()
  }

  /// Ends every agent, then removes all.
  package func close() throws {
    for person in people.withLock({ $0 }) { try person.lockIfUnlocked() }
    try FileManager.default.removeItem(at: folder)
  }

  /// The environment of every program: nothing of the caller's but where its libraries are.
  package var environment: [String: String] {
    var environment = [
      "HOME": folder.path, "PATH": "/usr/bin:/bin", "TZ": "UTC", "LANG": "C.UTF-8",
    ]
    environment["LD_LIBRARY_PATH"] = ProcessInfo.processInfo.environment["LD_LIBRARY_PATH"]
    return environment
  }
}

/// Runs a transcript on a stage of its own.
package func withStage(_ transcript: (Stage) throws -> Void) throws {
  let stage = try Stage()
  let result = Result { try transcript(stage) }
  try stage.close()
  try result.get()
}
