import Foundation
import Terminal

/// A program that keeps files elsewhere, encrypted, with a server of its own where it has one.
protocol FilePeer: AnyObject, SendableMetatype {
  static var name: String { get }
  init(in folder: String) throws
  func send(_ path: String) throws
  /// Sends what has not changed.
  func sendAgain(_ path: String) throws
  /// Fetches what was sent from a path that ends with this name, as a machine that has nothing yet.
  func fetch(_ name: String, to path: String) throws
}

extension FilePeer {
  func sendAgain(_ path: String) throws { try send(path) }
}

enum FilePeers {
  static let all: [any FilePeer.Type] = [
    SatchelFiles.self, ResticFiles.self, RcloneFiles.self, BorgFiles.self,
  ]

  struct Sealer: Sendable {
    let name: String
    /// Sealing and opening the file `large` in the folder.
    let seconds: @Sendable (_ folder: String) throws -> [Double]
  }

  static let sealers = [
    Sealer(name: "satchel age") { folder in
      let satchel = try Program.built("satchel")
      try satchel.run(["age", "keygen", "-o", "\(folder)/own-key"])
      let recipient = try satchel.run(["age", "keygen", "-y", "\(folder)/own-key"]).trimmed
      return try times(
        folder, satchel, ["age", "encrypt", "-r", recipient],
        ["age", "decrypt", "-i", "\(folder)/own-key"])
    },
    Sealer(name: "age") { folder in
      let age = try Program.required("age")
      try Program.required("age-keygen").run(["-o", "\(folder)/key"])
      let recipient = try Program.required("age-keygen").run(["-y", "\(folder)/key"]).trimmed
      return try times(folder, age, ["-r", recipient], ["-d", "-i", "\(folder)/key"])
    },
  ]

  private static func times(
    _ folder: String, _ program: Program, _ seal: [String], _ open: [String]
  ) throws -> [Double] {
    let (sealed, opened) = ("\(folder)/sealed", "\(folder)/opened")
    let figures = [
      try Bench.seconds { try program.run(seal + ["-o", sealed, "\(folder)/large"]) },
      try Bench.seconds { try program.run(open + ["-o", opened, sealed]) },
    ]
    for path in [sealed, opened] { try FileManager.default.removeItem(atPath: path) }
    return figures
  }
}

/// Satchel itself: a server and two devices.
private final class SatchelFiles: FilePeer {
  static let name = "satchel"
  private let stage: VaultStage

  init(in folder: String) throws { stage = try VaultStage(in: folder, deviceCount: 2) }

  func send(_ path: String) throws {
    try stage.run("0", ["vault", "add", path])
    try stage.run("0", ["sync"])
  }

  func sendAgain(_ path: String) throws { try stage.run("0", ["sync"]) }

  func fetch(_ name: String, to path: String) throws {
    try stage.run("1", ["sync"])
    try stage.run("1", ["vault", "get", name, "--to", path])
  }
}

private final class ResticFiles: FilePeer {
  static let name = "restic, rclone serve"
  private let restic: Restic

  init(in folder: String) throws { restic = try Restic(in: folder) }

  func send(_ path: String) throws { try restic.backUp(path) }
  func fetch(_ name: String, to path: String) throws { try restic.restore(to: path) }
}

/// rclone's encryption over WebDAV, which rclone serves itself.
private final class RcloneFiles: FilePeer {
  static let name = "rclone crypt, webdav"
  private let rclone: Program
  private let server: Process

  init(in folder: String) throws {
    var rclone = try Program.required("rclone")
    let port = try Waiting.freePort()
    let secret = try rclone.run(["obscure", "a password"]).trimmed
    rclone.environment = [
      "RCLONE_CONFIG": "\(folder)/rclone.conf", "RCLONE_CONFIG_DAV_TYPE": "webdav",
      "RCLONE_CONFIG_DAV_URL": "http://127.0.0.1:\(port)",
      "RCLONE_CONFIG_DAV_VENDOR": "other", "RCLONE_CONFIG_SEALED_TYPE": "crypt",
      "RCLONE_CONFIG_SEALED_REMOTE": "dav:", "RCLONE_CONFIG_SEALED_PASSWORD": secret,
    ]
    self.rclone = rclone
    let store = "\(folder)/store"
    try FileManager.default.createDirectory(atPath: store, withIntermediateDirectories: true)
    server = try rclone.start(
      ["serve", "webdav", "--addr", "127.0.0.1:\(port)", store], log: "\(folder)/webdav.log")
    try Waiting.port(port)
  }

  deinit {
    server.terminate()
    server.waitUntilExit()
  }

  private func name(_ path: String) -> String { URL(fileURLWithPath: path).lastPathComponent }

  func send(_ path: String) throws {
    try rclone.run(["copy", "--create-empty-src-dirs", path, "sealed:\(name(path))"])
  }

  func fetch(_ name: String, to path: String) throws {
    try rclone.run(["copy", "sealed:\(name)", path])
  }
}

/// borg to a repository on the same disk: it has no server over HTTP.
private final class BorgFiles: FilePeer {
  static let name = "borg, local repository"
  private let borg: Program
  private let folder: String
  private var number = 0

  init(in folder: String) throws {
    self.folder = folder
    var borg = try Program.required("borg")
    borg.environment = [
      "BORG_REPO": "\(folder)/repository", "BORG_PASSPHRASE": "a password",
      "BORG_BASE_DIR": "\(folder)/base",
    ]
    self.borg = borg
    try borg.run(["init", "--encryption", "repokey-blake2"])
  }

  func send(_ path: String) throws {
    number += 1
    try borg.run(["create", "--compression", "none", "::\(number)", path])
  }

  func fetch(_ name: String, to path: String) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try borg.run(["extract", "::\(number)"], in: path)
  }
}
