import CommandSupport
import Foundation
import Testing

/// A home on a disk without room: nothing is lost, and the error says what it is.
///
/// Needs a file system of its own, which only root may mount; skipped with a notice elsewhere.
@Suite struct FullDiskTests {
  /// Runs `body` with a small file system in memory, and takes it away again.
  private func withSmallDisk(
    _ stage: Stage, megabytes: Int, _ body: (String) throws -> Void
  ) throws {
    let disk = stage.folder.appending(path: "disk").path
    try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
    let mounted = try run(
      stage, "mount", "-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", disk)
    guard mounted.exit == 0 else {
      print("Notice: no small disk can be mounted here, so a full one is not tested")
      return
    }
    let result = Result { try body(disk) }
    _ = try run(stage, "umount", "--lazy", disk)
    try result.get()
  }

  private func run(_ stage: Stage, _ words: String...) throws -> Outcome {
    try Running(
      URL(filePath: "/usr/bin/env"), words, environment: stage.environment, in: stage.folder
    ).finish()
  }

  @Test func aFullDiskLosesNothing() throws {
    try withStage { stage in
      let invitation = try TestServer.initialize(on: stage)
      let server = try TestServer(on: stage)
      let admin = try stage.person("admin")
      try admin.does("init", "--server", server.url, "--invite", invitation)
      try admin.does("org", "create", "Clinic")
      let client = try admin.does("invite", "--role", "client")
      try withSmallDisk(stage, megabytes: 4) { disk in
        let ann = try stage.person("ann")
        let home = disk + "/ann"
        try ann.does("init", "--server", server.url, "--invite", client, "--home", home)
        let small = try stage.file("small.txt", "kept")
        let large = try stage.file("large.bin", String(repeating: "x", count: 6 << 20))

        let add = try ann.run("vault", "add", small, large, "--home", home, expecting: 1)
        #expect(add.err.contains("error: the disk is full"))
        #expect(add.err.contains("hint: make room and try again; nothing was lost"))
        #expect(try ann.does("vault", "cat", "small.txt", "--home", home) == "kept")

        let filler = disk + "/filler"
        _ = try run(stage, "dd", "if=/dev/zero", "of=\(filler)", "bs=4096")
        let full = try ann.run("vault", "add", small, "--to", "b", "--home", home, expecting: 1)
        #expect(full.err.contains("error: the disk is full"))

        try FileManager.default.removeItem(atPath: filler)
        #expect(try ann.does("vault", "cat", "small.txt", "--home", home) == "kept")
        try ann.does("sync", "--home", home)
      }
      try server.stop()
    }
  }
}
