import Foundation
import Terminal

/// restic with a repository behind `rclone serve restic`, over HTTP on loopback.
final class Restic {
  private let restic: Program
  private let server: Process
  private let folder: String

  init(in folder: String) throws {
    self.folder = folder
    let rclone = try Program.required("rclone")
    let port = try Waiting.freePort()
    var restic = try Program.required("restic")
    restic.environment = [
      "RESTIC_REPOSITORY": "rest:http://127.0.0.1:\(port)/", "RESTIC_PASSWORD": "a password",
      "RESTIC_CACHE_DIR": "\(folder)/cache",
    ]
    self.restic = restic
    try FileManager.default.createDirectory(
      atPath: "\(folder)/repository", withIntermediateDirectories: true)
    server = try rclone.start(
      ["serve", "restic", "--addr", "127.0.0.1:\(port)", "\(folder)/repository"],
      log: "\(folder)/rclone.log")
    try Waiting.port(port)
    try restic.run(["init", "-q"])
  }

  deinit {
    server.terminate()
    server.waitUntilExit()
  }

  func backUp(_ path: String) throws { try restic.run(["backup", "-q", path]) }

  /// On a machine that has nothing yet: with an empty cache.
  func restore(to path: String) throws {
    var other = restic
    other.environment["RESTIC_CACHE_DIR"] = "\(folder)/cache-\(UUID().uuidString)"
    try other.run(["restore", "-q", "latest", "--target", path])
  }
}
