import Foundation

/// A folder for one run, removed with the value that names it.
///
/// In memory where the system has a file system for that, with room: thousands of synced commits then
/// take seconds. What a test proves of order and completeness does not depend on the medium.
package final class TemporaryFolder {
  package let path: String

  /// - Parameter folder: where it is made; `nil` for memory, or else the system's place for such.
  package init(in folder: String? = nil) throws {
    let memory = "/dev/shm"
    let root =
      folder ?? (Self.hasRoom(memory) ? memory : FileManager.default.temporaryDirectory.path)
    // Where on the disk a run takes place is no part of it: the name need not be the seed's.
    var template = Array("\(root)/satchel-world-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
    }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Containers often have 64 MiB there, which some runs side by side fill.
  private static func hasRoom(_ folder: String) -> Bool {
    var status = statvfs()
    guard FileManager.default.isWritableFile(atPath: folder), statvfs(folder, &status) == 0 else {
      return false
    }
    return UInt64(status.f_bavail) * UInt64(status.f_frsize) >= 1 << 30
  }

  deinit {
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      print("notice: \(path) was not removed: \(error)")
    }
  }

  package func copy(_ folder: String, as name: String) throws {
    try FileManager.default.copyItem(atPath: folder, toPath: "\(path)/\(name)")
  }
}
