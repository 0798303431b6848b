import Foundation

/// A folder for one test, removed with the value that names it.
///
/// In memory where the system has a file system for that: thousands of synced commits then take
/// seconds. What a test proves of order and completeness does not depend on the medium.
final class TemporaryFolder {
  let path: String

  init() throws {
    let shared = "/dev/shm"
    let root =
      FileManager.default.isWritableFile(atPath: shared)
      ? shared : FileManager.default.temporaryDirectory.path
    path = "\(root)/satchel-replica-\(UUID().uuidString)"
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700])
  }

  deinit {
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      print("notice: \(path) was not removed: \(error)")
    }
  }

  func copy(_ folder: String, as name: String) throws {
    try FileManager.default.copyItem(atPath: folder, toPath: "\(path)/\(name)")
  }
}
