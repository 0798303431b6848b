import Foundation
import Glibc
import Merge
import Signing
import Simulation
import Testing

@testable import Replica

/// Adding files and folders, on a client's device.
struct VaultAddingTests {
  @Test func addsFoldersWithAllThatLiesInThem() throws {
    let world = try VaultWorld()
    let client = try world.join(.client, "Cleo")
    try world.write("docs/a.txt", "a")
    try world.write("docs/sub/empty", "")
    try world.write("docs/sub/line\nbreak \u{1f600}.txt", "odd")
    try world.write("outside.txt", "outside")
    let docs = world.disk + "/docs"
    try FileManager.default.createSymbolicLink(
      atPath: docs + "/link", withDestinationPath: world.disk + "/outside.txt")
    #expect(mkfifo(docs + "/pipe", 0o600) == 0)

    let report = try client.addToVault([docs + "/"], into: "in/box")
    #expect(report.items.map(\.outcome) == [.added, .added, .added])
    #expect(
      report.problems.map(\.error) == [
        .badInput("\(docs)/link: a link, which is not followed"),
        .badInput("\(docs)/pipe: neither a file nor a folder"),
      ])
    #expect(
      try client.paths() == [
        "in/", "in/box/", "in/box/docs/", "in/box/docs/a.txt", "in/box/docs/sub/",
        "in/box/docs/sub/empty", "in/box/docs/sub/line\nbreak \u{1f600}.txt",
      ])
    #expect(try client.content("in/box/docs/sub/empty") == [])
    #expect(try client.content("in/box/docs/sub/line\nbreak \u{1f600}.txt") == Array("odd".utf8))
  }

  @Test func makesVersionsOnlyOfWhatChanged() throws {
    let world = try VaultWorld()
    let client = try world.join(.client, "Cleo")
    let path = try world.write("f.txt", "one")
    let touch = { (seconds: Double) in
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: seconds)], ofItemAtPath: path)
    }
    try touch(1000)
    #expect(try client.addToVault([path]).items.map(\.outcome) == [.added])
    #expect(try client.addToVault([path]).items.map(\.outcome) == [.unchanged])
    try touch(2000)
    #expect(try client.addToVault([path]).items.map(\.outcome) == [.unchanged])
    // The same size and time, another content.
    try world.write("f.txt", "two")
    try touch(1000)
    #expect(try client.addToVault([path]).items.map(\.outcome) == [.updated])
    try world.write("f.txt", "three")
    #expect(try client.addToVault([path]).items.map(\.outcome) == [.updated])
    let item = try #require(try client.vaultListing("f.txt").first)
    #expect(item.versionCount == 3 && item.byteCount == 5 && item.isHere)
    #expect(try client.content("f.txt") == Array("three".utf8))
    // Each version has its own key and payload.
    let wraps = try client.database.rows("SELECT DISTINCT wrap FROM version") { $0.blob(0) }
    let payloads = try client.database.rows("SELECT DISTINCT blobs FROM version") { $0.text(0) }
    #expect(wraps.count == 3 && payloads.count == 3)
  }

  @Test func leavesOutWhatChangesWhileItIsRead() throws {
    let world = try VaultWorld()
    let client = try world.join(.client, "Cleo")
    let content = VaultWorld.content(1 << 20)
    let changes: [(String, (String) throws -> Void)] = [
      ("grown", { try Self.append($0, [1]) }),
      ("shrunk", { #expect(truncate($0, 1000) == 0) }),
      ("touched", { #expect(utimes($0, [timeval(), timeval()]) == 0) }),
      ("gone", { #expect(unlink($0) == 0) }),
      ("replaced", { try Data(content).write(to: URL(fileURLWithPath: $0), options: .atomic) }),
    ]
    for (name, change) in changes {
      let path = try world.write("d/\(name)", content)
      var hasChanged = false
      let report = try client.addToVault([path]) { _, _ in
        guard !hasChanged else { return }
        hasChanged = true
        do { try change(path) } catch { Issue.record(error) }
      }
      #expect(report.problems.map(\.error) == [.fileChanged(path)], "\(name)")
      #expect(report.items.isEmpty)
    }
    #expect(try client.paths().isEmpty)
    #expect(try Self.blobCount(client) == 0)
    #expect(try client.database.first("SELECT COUNT(*) FROM blob_outbox") { $0.integer(0) } == 0)
    // The others of a run are added.
    let good = try world.write("good", "good")
    let report = try client.addToVault([world.disk + "/missing", good])
    #expect(report.problems.map(\.error) == [.notFound(world.disk + "/missing")])
    #expect(report.items.map(\.path) == ["good"])
  }

  private static func append(_ path: String, _ bytes: [UInt8]) throws {
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try handle.seekToEnd()
    try handle.write(contentsOf: bytes)
    try handle.close()
  }

  static func blobCount(_ replica: Replica) throws -> Int {
    let names = FileManager.default.enumerator(atPath: replica.home.blobsPath)?.allObjects ?? []
    return names.count { (($0 as? String)?.count ?? 0) > 40 }
  }

  @Test func refusesATebibyteBeforeReadingIt() throws {
    let world = try VaultWorld()
    let client = try world.join(.client, "Cleo")
    let path = try world.write("huge", "")
    // A sparse file: it has the size and takes no room. Some file systems have no such size.
    guard truncate(path, 1 << 40) == 0 else { return }
    let report = try client.addToVault([path])
    guard case .badInput(let reason)? = report.problems.first?.error else {
      Issue.record("a tebibyte was not refused")
      return
    }
    #expect(reason.contains("32 GiB"))
    #expect(try client.paths().isEmpty)
  }

  @Test func leavesNothingHalfAddedOnAFullDisk() throws {
    let world = try VaultWorld()
    let client = try world.join(.client, "Cleo")
    let first = try world.write("d/1-small", "small")
    let second = try world.write("d/2-large", VaultWorld.content(9 << 20))
    let third = try world.write("d/3-never", "never")
    var count = 0
    let full = BlobStore(home: client.home, random: SystemRandom()) { path in
      count += 1
      return try count > 2 ? OpenFile.writing("/dev/full") : OpenFile.creating(path)
    }
    let report = try client.addToVault([first, second, third], into: nil, blobs: full)
    #expect(report.items.map(\.path) == ["1-small"])
    #expect(report.problems.map(\.error) == [.diskFull])
    #expect(try client.paths() == ["1-small"])
    #expect(try Self.blobCount(client) == 1)
    #expect(try FileManager.default.contentsOfDirectory(atPath: client.home.temporaryPath) == [])
    // With room again, it goes on.
    #expect(try client.addToVault([second, third]).problems.isEmpty)
  }

  @Test func collectsWhatACrashLeftBehind() throws {
    let world = try VaultWorld()
    let home: String
    do {
      let client = try world.join(.client, "Cleo")
      home = client.home.path
      _ = try client.addToVault([try world.write("kept", "kept")])
      // A crash after the blobs, before the commit.
      struct Crash: Error {}
      let writer = try PayloadWriter(store: client.blobs, random: SystemRandom())
      try Array("lost".utf8).withUnsafeBytes { try writer.append($0) }
      #expect(throws: Crash.self) {
        try client.leavingNothingBehind {
          _ = try writer.finish()
          throw Crash()
        }
      }
      #expect(try Self.blobCount(client) == 2)
    }
    let client = try world.open(home)
    #expect(try Self.blobCount(client) == 1)
    #expect(try client.content("kept") == Array("kept".utf8))
    try world.sync(client)
    try client.collectUnnamedBlobs()
    #expect(try client.content("kept") == Array("kept".utf8))
  }

  @Test func needsAKey() throws {
    let world = try VaultWorld()
    let client = try world.join(.client, "Cleo")
    let path = try world.write("f", "f")
    client.lock()
    #expect(throws: ReplicaError.locked) { try client.addToVault([path]) }
    #expect(throws: ReplicaError.locked) { try client.content("f") }
    #expect(throws: ReplicaError.locked) { try client.vaultListing() }
  }

  @Test func doesNotMixFilesAndFolders() throws {
    let world = try VaultWorld()
    let client = try world.join(.client, "Cleo")
    let file = try world.write("one/name", "file")
    try world.write("two/name/inner", "inner")
    _ = try client.addToVault([file])
    let report = try client.addToVault([world.disk + "/two/name"])
    #expect(report.items.isEmpty && report.problems.count == 1)
    #expect(throws: ReplicaError.self) { try client.addToVault([file], into: "name") }
    #expect(try client.paths() == ["name"])
  }
}
