import Foundation
import Merge
import Sealing
import Signing
import Testing

@testable import Replica

/// Files of the vault in a folder, for people without Satchel.
struct VaultExportTests {
  private static let list = "list.json"

  private final class Fixture {
    let world: VaultWorld
    let client: Replica
    var out: String { world.folder + "/out" }

    init() throws {
      world = try VaultWorld()
      client = try world.join(.client, "Cleo")
    }

    func add(_ name: String, _ bytes: [UInt8], into: String? = nil) throws {
      world.clock.now += 1
      let report = try client.addToVault([try world.write(name, bytes)], into: into)
      if let problem = report.problems.first { throw problem.error }
    }

    func add(_ name: String, _ text: String, into: String? = nil) throws {
      try add(name, Array(text.utf8), into: into)
    }

    func export(
      _ paths: [String] = [], _ form: ExportForm = .plain, overwrites: Bool = false,
      to folder: String? = nil, onBytes: VaultExport.Progress = { _, _ in }
    ) throws -> ExportReport {
      try VaultExport(client, paths: paths, form: form, reserved: VaultExportTests.list)
        .run(to: folder ?? out, overwrites: overwrites, onBytes: onBytes)
    }

    func written(_ name: String) throws -> [UInt8] { try world.bytes("\(out)/\(name)") }

    /// The path of everything in the exported folder, hidden files too.
    func names() throws -> [String] {
      let names = FileManager.default.enumerator(atPath: out)?.allObjects ?? []
      return names.compactMap { $0 as? String }.sorted()
    }

    func inode(_ name: String) throws -> UInt64 { try FileStatus(at: "\(out)/\(name)").inode }
  }

  private static func opened(_ file: [UInt8], _ key: ExchangeKey) throws -> [UInt8] {
    var plaintext: [UInt8] = []
    let decryptor = AgeDecryptor(identities: [.key(key)])
    try file.withUnsafeBytes { try decryptor.update($0) { plaintext += $0 } }
    try decryptor.finish { plaintext += $0 }
    return plaintext
  }

  // MARK: Plain

  @Test func treeIsWrittenAsItWasAdded() throws {
    let fixture = try Fixture()
    let large = VaultWorld.content(9 << 20)
    try fixture.add("a.txt", "a")
    try fixture.add("empty", "", into: "docs/deep")
    try fixture.add("large.bin", large, into: "docs")
    let report = try fixture.export()
    #expect(report.problems.isEmpty)
    #expect(report.items.map(\.path) == ["a.txt", "docs/deep/empty", "docs/large.bin"])
    #expect(report.items.map(\.name) == report.items.map(\.path))
    #expect(try fixture.written("a.txt") == Array("a".utf8))
    #expect(try fixture.written("docs/deep/empty").isEmpty)
    #expect(try fixture.written("docs/large.bin") == large)
    for item in report.items {
      let bytes = try fixture.written(item.name)
      #expect(item.hash == Hasher256.content(bytes), "\(item.path)")
      #expect(item.byteCount == bytes.count && item.hashedByteCount == bytes.count)
      let modified = try FileStatus(at: "\(fixture.out)/\(item.name)").modifiedMilliseconds
      #expect(item.modifiedMilliseconds == modified)
    }
    #expect(try fixture.client.auditEntries().map(\.action) == ["export", "export", "export"])
  }

  @Test func chosenPathsKeepTheirPlaceInTheTree() throws {
    let fixture = try Fixture()
    try fixture.add("a.txt", "a", into: "x/y")
    try fixture.add("b.txt", "b", into: "x")
    try fixture.add("c.txt", "c")
    let report = try fixture.export(["x/y", "x/y/a.txt"])
    #expect(report.items.map(\.path) == ["x/y/a.txt"])
    #expect(try fixture.names() == ["x", "x/y", "x/y/a.txt"])
    #expect(throws: ReplicaError.notFound("z")) { try fixture.export(["x", "z"]) }
  }

  @Test func namesAreMadeSafeAndStayApart() throws {
    let fixture = try Fixture()
    let long = String(repeating: "ä", count: 120) + ".txt"
    for name in ["two\nlines", "two_lines", "esc\u{1b}[2J", Self.list, "a.txt", long] {
      try fixture.add(name, name)
    }
    // A folder that has the name that an age file of `a.txt` would get.
    try fixture.add("b", "b", into: "a.txt.age")
    // Longer than any name on a disk: moved into the vault under a name of its own.
    try fixture.add("c", "c")
    let longest = String(repeating: "n", count: 396) + ".pdf"
    _ = try fixture.client.moveInVault("c", to: longest)
    let key = ExchangeKey(random: SystemRandom())
    for form in [ExportForm.plain, .age([key.publicKey])] {
      let folder = fixture.world.folder + (form == .plain ? "/plain" : "/age")
      let report = try fixture.export([], form, to: folder)
      #expect(report.problems.isEmpty, "\(report.problems)")
      #expect(report.items.count == 8)
      #expect(Set(report.items.map(\.name)).count == 8)
      for item in report.items {
        #expect(item.name != Self.list)
        #expect(!item.name.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7f })
        #expect(item.name.split(separator: "/").allSatisfy { $0.utf8.count <= 255 })
        let bytes = try fixture.world.bytes("\(folder)/\(item.name)")
        let content = form == .plain ? bytes : try Self.opened(bytes, key)
        #expect(try content == fixture.client.content(item.path), "\(item.path)")
      }
    }
  }

  // MARK: Again

  @Test func theSameExportAgainChangesNothing() throws {
    let fixture = try Fixture()
    try fixture.add("a.txt", "a")
    try fixture.add("large.bin", VaultWorld.content(3 << 20))
    let first = try fixture.export()
    let inodes = try first.items.map { try fixture.inode($0.name) }
    let second = try fixture.export()
    #expect(second.problems.isEmpty)
    #expect(second.items.map(\.hash) == first.items.map(\.hash))
    #expect(try second.items.map { try fixture.inode($0.name) } == inodes)
  }

  @Test func anotherFileIsNotOverwritten() throws {
    let fixture = try Fixture()
    try fixture.add("a", "a")
    try fixture.add("b", "b")
    try FileManager.default.createDirectory(
      atPath: fixture.out, withIntermediateDirectories: true)
    for content in ["A", "", "ab", "b"] {
      try Data(content.utf8).write(to: URL(filePath: "\(fixture.out)/a"))
      let report = try fixture.export()
      #expect(report.items.map(\.path) == ["b"])
      #expect(report.problems.map(\.path) == ["a"])
      #expect(try fixture.written("a") == Array(content.utf8))
    }
    #expect(try fixture.export(overwrites: true).problems.isEmpty)
    #expect(try fixture.written("a") == Array("a".utf8))
    #expect(try fixture.names() == ["a", "b"])
  }

  /// Nothing replaces a pipe or a device, and nothing is written through a link.
  @Test func whatIsNoFileStays() throws {
    let fixture = try Fixture()
    try fixture.add("device", "a")
    try fixture.add("link", "b")
    try FileManager.default.createDirectory(
      atPath: fixture.out, withIntermediateDirectories: true)
    #expect(mkfifo("\(fixture.out)/device", 0o600) == 0)
    let target = try fixture.world.write("target", "mine")
    try FileManager.default.createSymbolicLink(
      atPath: "\(fixture.out)/link", withDestinationPath: target)
    #expect(try fixture.export().problems.map(\.path) == ["device", "link"])
    #expect(try fixture.export(overwrites: true).problems.map(\.path) == ["device"])
    #expect(try FileStatus(at: "\(fixture.out)/device").kind == .special)
    #expect(try FileStatus(at: "\(fixture.out)/link").kind == .file)
    #expect(try fixture.world.bytes(target) == Array("mine".utf8))
    let report = try fixture.client.getFromVault(["device"], to: fixture.out, overwrite: true)
    #expect(report.problems.map(\.path) == ["device"])
    #expect(try FileStatus(at: "\(fixture.out)/device").kind == .special)
  }

  @Test func anInterruptedRunIsRepeated() throws {
    struct Interrupted: Error {}
    let fixture = try Fixture()
    for number in 0..<3 {
      try fixture.add("f\(number)", VaultWorld.content(2 << 20, seed: UInt64(number)))
    }
    #expect(throws: Interrupted.self) {
      _ = try fixture.export { done, total in
        #expect(total == 6 << 20)
        if done > 3 << 20 { throw Interrupted() }
      }
    }
    // What is there is whole, and nothing lies beside it.
    #expect(try fixture.names() == ["f0"])
    let report = try fixture.export()
    #expect(report.problems.isEmpty && report.items.count == 3)
    for number in 0..<3 {
      #expect(
        try fixture.written("f\(number)") == VaultWorld.content(2 << 20, seed: UInt64(number)))
    }
  }

  @Test func missingBlobsAreNamedAndTheRestIsExported() throws {
    let fixture = try Fixture()
    try fixture.add("a.txt", "a")
    try fixture.add("large.bin", VaultWorld.content(17 << 20))
    try fixture.add("z.txt", "z")
    let file = try fixture.client.vaultTree().file(at: "large.bin")
    let version = try fixture.client.currentVersion(of: file.id, name: "large.bin")
    for index in [0, 2] { try fixture.client.blobs.remove(version.blobs[index]) }
    for form in [ExportForm.plain, .age([ExchangeKey(random: SystemRandom()).publicKey])] {
      let report = try fixture.export([], form)
      #expect(report.items.map(\.path) == ["a.txt", "z.txt"])
      let problem = try #require(report.problems.first)
      #expect(report.problems.count == 1 && problem.error == .fileNotHere("large.bin"))
      #expect(problem.missingBlobs == [version.blobs[0], version.blobs[2]])
    }
    #expect(try fixture.names() == ["a.txt", "a.txt.age", "z.txt", "z.txt.age"])
  }

  // MARK: age

  @Test func anAgeFileHasTheStoredPayload() throws {
    let fixture = try Fixture()
    let keys = (0..<2).map { _ in ExchangeKey(random: SystemRandom()) }
    let content = VaultWorld.content(9 << 20)
    try fixture.add("large.bin", content)
    let report = try fixture.export([], .age(keys.map(\.publicKey)))
    let item = try #require(report.items.first)
    #expect(item.name == "large.bin.age" && item.byteCount == content.count)
    let file = try fixture.client.vaultTree().file(at: "large.bin")
    let version = try fixture.client.currentVersion(of: file.id, name: "large.bin")
    let payload = try version.blobs.flatMap { try fixture.client.blobs.read($0) }
    let written = try fixture.written(item.name)
    #expect(written.suffix(payload.count).elementsEqual(payload))
    #expect(item.hash == Hasher256.content(payload) && item.hashedByteCount == payload.count)
    for key in keys { #expect(try Self.opened(written, key) == content) }
    #expect(throws: AgeError.noIdentityMatched) {
      try Self.opened(written, ExchangeKey(random: SystemRandom()))
    }
    #expect(throws: ReplicaError.self) { try fixture.export([], .age([])) }
  }

  /// Its header may be for others than the last time, which nobody can see; so it is made anew.
  @Test func anAgeFileOfTheSameVersionIsMadeAnew() throws {
    let fixture = try Fixture()
    try fixture.add("a", VaultWorld.content(100_000))
    let (first, second) = (ExchangeKey(random: SystemRandom()), ExchangeKey(random: SystemRandom()))
    _ = try fixture.export([], .age([first.publicKey]))
    #expect(try fixture.export([], .age([second.publicKey])).problems.isEmpty)
    #expect(try Self.opened(fixture.written("a.age"), second) == VaultWorld.content(100_000))
    // Any other age file stays.
    let foreign = try AgeHeader.encode(
      fileKey: FileKey(random: SystemRandom()), recipients: [.key(first.publicKey)],
      random: SystemRandom())
    for bytes in [foreign, try fixture.written("a.age") + [0], [1, 2, 3]] {
      try Data(bytes).write(to: URL(filePath: "\(fixture.out)/a.age"))
      #expect(try fixture.export([], .age([second.publicKey])).problems.map(\.path) == ["a"])
      #expect(try fixture.written("a.age") == bytes)
    }
  }
}
