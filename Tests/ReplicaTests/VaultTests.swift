import CBOR
import Foundation
import Merge
import Signing
import Simulation
import SyncProtocol
import Testing

@testable import Replica

/// Listing, opening, moving and deleting, and two devices of one account.
struct VaultTests {
  private func world() throws -> (VaultWorld, Replica) {
    let world = try VaultWorld()
    return (world, try world.join(.client, "Cleo"))
  }

  private func add(
    _ client: Replica, _ world: VaultWorld, _ files: [(String, String)], into: String? = nil
  ) throws {
    for (name, text) in files {
      // Ids of one millisecond are in no order.
      world.clock.now += 1
      let report = try client.addToVault([try world.write(name, text)], into: into)
      if let problem = report.problems.first { throw problem.error }
    }
  }

  // MARK: get

  @Test func writesFilesWithTheirTimes() throws {
    let (world, client) = try world()
    try world.write("docs/a.txt", "a")
    let path = try world.write("docs/sub/b.txt", "b")
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 1_234.5)], ofItemAtPath: path)
    _ = try client.addToVault([world.disk + "/docs"])
    let out = world.folder + "/out"
    let report = try client.getFromVault(["docs"], to: out)
    #expect(report.items.map(\.path) == ["docs/a.txt", "docs/sub/b.txt"])
    #expect(try world.bytes(out + "/docs/sub/b.txt") == Array("b".utf8))
    let attributes = try FileManager.default.attributesOfItem(atPath: out + "/docs/sub/b.txt")
    let modified = try #require(attributes[.modificationDate] as? Date)
    #expect(abs(modified.timeIntervalSince1970 - 1_234.5) < 0.01)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    let inner = try client.getFromVault(["docs/sub/b.txt"], to: out)
    #expect(inner.items.map(\.destination) == [out + "/b.txt"])
  }

  @Test func overwritesOnlyWhenTold() throws {
    let (world, client) = try world()
    try add(client, world, [("a.txt", "new"), ("b.txt", "b")])
    let out = world.folder + "/out"
    try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
    try Data("old".utf8).write(to: URL(fileURLWithPath: out + "/a.txt"))
    let report = try client.getFromVault(["a.txt", "b.txt"], to: out)
    #expect(report.problems.map(\.path) == ["a.txt"] && report.items.map(\.path) == ["b.txt"])
    #expect(try world.bytes(out + "/a.txt") == Array("old".utf8))
    #expect(try client.getFromVault(["a.txt"], to: out, overwrite: true).problems.isEmpty)
    #expect(try world.bytes(out + "/a.txt") == Array("new".utf8))
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: out).sorted() == ["a.txt", "b.txt"])
  }

  @Test func showsNothingOfADamagedFile() throws {
    let (world, client) = try world()
    let content = VaultWorld.content(9 << 20)
    _ = try client.addToVault([try world.write("big.bin", content)])
    let version = try client.currentVersion(
      of: try client.vaultTree().file(at: "big.bin").id, name: "big.bin")
    let last = client.blobs.path(version.blobs[1])
    let whole = try world.bytes(last)
    var damaged = whole
    damaged[whole.count - 1] ^= 1
    try Data(damaged).write(to: URL(fileURLWithPath: last))
    var shown = 0
    #expect(throws: ReplicaError.fileAltered("big.bin")) {
      try client.readFromVault("big.bin") { shown += $0.count }
    }
    #expect(shown == 0)
    let out = world.folder + "/out"
    let report = try client.getFromVault(["big.bin"], to: out)
    #expect(report.problems.map(\.error) == [.fileAltered("big.bin")])
    #expect(try FileManager.default.contentsOfDirectory(atPath: out) == [])
    // Not sent yet: the only copy stays, whatever it is worth; the server never gets it.
    #expect(try world.bytes(last) == damaged)
    let sent = try client.sync(world.transport)
    #expect(sent.problems.contains { $0.contains("big.bin") })
    try Data(whole).write(to: URL(fileURLWithPath: last))
    try world.sync(client)
    #expect(try client.content("big.bin") == content)
    // Once the server has it, a damaged copy is let go and fetched again.
    try Data(damaged).write(to: URL(fileURLWithPath: last))
    #expect(throws: ReplicaError.fileAltered("big.bin")) { try client.content("big.bin") }
    #expect(throws: ReplicaError.fileNotHere("big.bin")) { try client.content("big.bin") }
    try world.sync(client)
    #expect(try client.content("big.bin") == content)
  }

  @Test func refusesAnotherFilesPayloadUnderItsRecord() throws {
    let (world, client) = try world()
    try add(client, world, [("a", "content of a"), ("b", "content of b")])
    let a = try client.currentVersion(of: try client.vaultTree().file(at: "a").id, name: "a")
    let b = try client.currentVersion(of: try client.vaultTree().file(at: "b").id, name: "b")
    // Another version record of `a` that names the payload and the wrap of `b`.
    let id = TimeOrderedID.make(RecordID.self, client.environment)
    let writes =
      SealedVersion(
        vault: a.vault, file: a.file, id: id, blobs: b.blobs, byteCount: b.byteCount,
        commitment: b.commitment, wrap: b.wrap
      ).entries.map { Draft.Write($0.key, $0.value) }
    world.clock.now += 1000
    try client.write(
      Draft([
        Draft.Change(
          .create, "version", id, writes + [Draft.Write("file", .bytes(a.file.bytes))])
      ]), in: client.vault)
    #expect(throws: ReplicaError.fileAltered("a")) { try client.content("a") }
    #expect(try client.content("b") == Array("content of b".utf8))
  }

  // MARK: mv, rm

  @Test func movesAndRenames() throws {
    let (world, client) = try world()
    try add(client, world, [("a.txt", "a"), ("b.txt", "b")])
    try add(client, world, [("c.txt", "c")], into: "x/y")
    #expect(try client.moveInVault("a.txt", to: "renamed.txt") == "renamed.txt")
    #expect(try client.moveInVault("renamed.txt", to: "x") == "x/renamed.txt")
    #expect(try client.moveInVault("x/renamed.txt", to: "/") == "renamed.txt")
    #expect(try client.moveInVault("renamed.txt", to: "x/y/z.txt") == "x/y/z.txt")
    #expect(try client.moveInVault("x/y", to: "/") == "y")
    #expect(try client.paths() == ["b.txt", "x/", "y/", "y/c.txt", "y/z.txt"])
    #expect(try client.content("y/z.txt") == Array("a".utf8))
    #expect(throws: ReplicaError.self) { try client.moveInVault("b.txt", to: "y/c.txt") }
    #expect(throws: ReplicaError.notFound("nowhere/")) {
      try client.moveInVault("b.txt", to: "nowhere/")
    }
    #expect(throws: ReplicaError.notFound("nowhere")) {
      try client.moveInVault("b.txt", to: "nowhere/b.txt")
    }
    try client.moveInVault("y", to: "x")
    #expect(throws: ReplicaError.self) { try client.moveInVault("x", to: "x/y") }
    #expect(throws: ReplicaError.self) { try client.moveInVault("x", to: "x/y/w") }
    let long = String(repeating: "\u{1f600}", count: 75)
    #expect(try client.moveInVault("b.txt", to: long) == long)
    #expect(throws: ReplicaError.self) {
      try client.moveInVault(long, to: String(repeating: "\u{1f600}", count: 101))
    }
    try world.sync(client)
    #expect(try client.paths() == ["x/", "x/y/", "x/y/c.txt", "x/y/z.txt", long])
  }

  @Test func deletes() throws {
    let (world, client) = try world()
    try add(client, world, [("a.txt", "a"), ("b.txt", "b")], into: "x/y")
    try add(client, world, [("c.txt", "c")])
    try world.sync(client)
    #expect(throws: ReplicaError.self) { try client.removeFromVault("x") }
    #expect(try client.removeFromVault("c.txt").fileCount == 1)
    #expect(try client.removeFromVault("x", recursive: true).fileCount == 2)
    #expect(try client.paths().isEmpty)
    #expect(throws: ReplicaError.notFound("c.txt")) { try client.content("c.txt") }
    #expect(try VaultAddingTests.blobCount(client) == 0)
    try world.sync(client)
    #expect(try client.paths().isEmpty)
  }

  // MARK: Two devices

  @Test func syncsBetweenTwoDevices() throws {
    let (world, laptop) = try world()
    try add(laptop, world, [("a.txt", "a")], into: "docs")
    try world.sync(laptop)
    let phone = try world.device(of: laptop)
    #expect(try phone.content("docs/a.txt") == Array("a".utf8))
    // Both add a file of one name, without having seen each other's.
    try add(laptop, world, [("same.txt", "laptop")])
    world.clock.now += 1000
    try add(phone, world, [("same.txt", "phone")])
    try world.sync(laptop, phone, laptop)
    #expect(try laptop.paths() == ["docs/", "docs/a.txt", "same (2).txt", "same.txt"])
    #expect(try phone.paths() == laptop.paths())
    #expect(try phone.content("same.txt") == Array("laptop".utf8))
    #expect(try laptop.content("same (2).txt") == Array("phone".utf8))
    // A file whose name is taken by how a namesake is shown is a file of its own.
    try add(laptop, world, [("same (2).txt", "own")])
    #expect(try laptop.content("same (2).txt") == Array("own".utf8))
    #expect(try laptop.content("same (3).txt") == Array("phone".utf8))
  }

  @Test func keepsBothVersionsAndShowsTheLatest() throws {
    let (world, laptop) = try world()
    try add(laptop, world, [("f", "first")])
    try world.sync(laptop)
    let phone = try world.device(of: laptop)
    try add(phone, world, [("f", "from the phone")])
    world.clock.now += 1000
    try add(laptop, world, [("f", "from the laptop")])
    try world.sync(laptop, phone, laptop)
    for device in [laptop, phone] {
      #expect(try device.content("f") == Array("from the laptop".utf8))
      #expect(try device.vaultListing().map(\.versionCount) == [3])
    }
  }

  @Test func aDeleteDoesNotTakeAVersionThatItHasNotSeen() throws {
    let (world, laptop) = try world()
    try add(laptop, world, [("f", "first")], into: "d")
    try world.sync(laptop)
    let phone = try world.device(of: laptop)
    try laptop.removeFromVault("d", recursive: true)
    try add(phone, world, [("f", "second")], into: "d")
    try world.sync(laptop, phone, laptop)
    // The folder is gone, the file with its new version is not.
    #expect(try laptop.paths() == ["f"])
    #expect(try phone.paths() == ["f"])
    #expect(try laptop.content("f") == Array("second".utf8))
  }

  @Test func foldersMovedIntoEachOtherStay() throws {
    let (world, laptop) = try world()
    try add(laptop, world, [("1", "1")], into: "a")
    try add(laptop, world, [("2", "2")], into: "b")
    try world.sync(laptop)
    let phone = try world.device(of: laptop)
    try laptop.moveInVault("a", to: "b")
    try phone.moveInVault("b", to: "a")
    try world.sync(laptop, phone, laptop)
    #expect(try laptop.paths() == ["a/", "a/1", "a/b/", "a/b/2"])
    #expect(try phone.paths() == laptop.paths())
    try laptop.moveInVault("a/b", to: "/")
    try world.sync(laptop, phone)
    #expect(try phone.paths() == ["a/", "a/1", "b/", "b/2"])
  }
}
