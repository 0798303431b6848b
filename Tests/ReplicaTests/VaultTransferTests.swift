import Foundation
import Merge
import Signing
import Simulation
import SyncProtocol
import Testing

@testable import Replica

/// Transfers that are cut off, and what lies on the disks.
struct VaultTransferTests {
  @Test func resumesAtTheBlob() throws {
    let world = try VaultWorld()
    let client = try world.join(.client, "Cleo")
    let content = VaultWorld.content(33 << 20)
    _ = try client.addToVault([try world.write("big", content)])
    world.transport.forgetPaths()
    // Two blobs get through, then the line is cut.
    var puts = 0
    world.transport.tamper = { request, response in
      if request.method == .put { puts += 1 }
      if puts == 2 { world.transport.requestsLeft = 0 }
      return response
    }
    #expect(throws: ReplicaError.notReachable("cut")) { try client.sync(world.transport) }
    #expect(world.transport.paths.count { $0.hasPrefix("/v1/blobs/") && $0.count > 40 } == 2)
    world.transport.tamper = { $1 }
    world.transport.requestsLeft = nil
    world.transport.forgetPaths()
    try world.sync(client)
    #expect(world.transport.paths.count { $0.hasPrefix("/v1/blobs/") && $0.count > 40 } == 3)

    // A second device that is cut off while it fetches goes on at the blob as well.
    let phone = try world.device(of: client)
    let version = try phone.currentVersion(
      of: try phone.vaultTree().file(at: "big").id, name: "big")
    for hash in version.blobs.suffix(2) { try phone.blobs.remove(hash) }
    try Data([1, 2, 3]).write(to: URL(fileURLWithPath: phone.blobs.path(version.blobs[0])))
    #expect(throws: ReplicaError.fileAltered("big")) { try phone.content("big") }
    world.transport.forgetPaths()
    try world.sync(phone)
    #expect(world.transport.paths.count { $0.hasPrefix("/v1/blobs/") && $0.count > 40 } == 3)
    #expect(try phone.content("big") == content)
  }

  @Test func smallFilesTravelTogether() throws {
    let world = try VaultWorld()
    let client = try world.join(.client, "Cleo")
    let files = (0..<300).map {
      ("d/\($0 % 7)/f\($0)", VaultWorld.content(100 + 31 * $0, seed: UInt64($0)))
    }
    for (path, content) in files { try world.write(path, content) }
    _ = try client.addToVault([world.disk + "/d"])
    world.transport.forgetPaths()
    try world.sync(client)
    #expect(world.transport.paths.count { $0.hasPrefix("/v1/blobs/") } < 5)
    let phone = try world.device(of: client)
    for (path, content) in files { #expect(try phone.content(path) == content) }
    // One damaged blob is found, by the server or here, and holds up none of the others.
    for number in 0..<2 {
      _ = try client.addToVault([try world.write("one\(number)", "\(number)")])
    }
    let version = try client.currentVersion(
      of: client.vaultTree().file(at: "one0").id, name: "one0")
    try Data([1]).write(to: URL(fileURLWithPath: client.blobs.path(version.blobs[0])))
    let report = try client.sync(world.transport)
    #expect(report.problems.contains { $0.contains("one0") })
    let left = try client.database.first("SELECT COUNT(*) FROM blob_outbox") { $0.integer(0) }
    #expect(left == 1)
  }

  @Test func looksForFilesAgainOnceOneIsMissed() throws {
    let world = try VaultWorld()
    let client = try world.join(.client, "Cleo")
    _ = try client.addToVault([try world.write("f", "f")])
    for _ in 0..<2 { try world.sync(client) }
    let version = try client.currentVersion(of: client.vaultTree().file(at: "f").id, name: "f")
    try client.blobs.remove(version.blobs[0])
    #expect(throws: ReplicaError.fileNotHere("f")) { try client.content("f") }
    try world.sync(client)
    #expect(try client.content("f") == [0x66])
  }

  @Test func sendsWhatWasWrittenOffline() throws {
    let world = try VaultWorld()
    let client = try world.join(.client, "Cleo")
    world.transport.isCut = true
    _ = try client.addToVault([try world.write("f", "offline")])
    try client.moveInVault("f", to: "g")
    #expect(throws: ReplicaError.notReachable("cut")) { try client.sync(world.transport) }
    #expect(try client.content("g") == Array("offline".utf8))
    world.transport.isCut = false
    try world.sync(client)
    let phone = try world.device(of: client)
    #expect(try phone.content("g") == Array("offline".utf8))
    let left = try client.database.first("SELECT COUNT(*) FROM blob_outbox") { $0.integer(0) }
    let unsent = try client.database.first(
      "SELECT COUNT(*) FROM wrap WHERE sent = 0"
    ) { $0.integer(0) }
    #expect(left == 0 && unsent == 0)
  }

  /// Neither a name nor content lies readable on a device, raw or in UTF-16, Base64 or hexadecimal.
  @Test func keepsNoPlaintextInTheHome() throws {
    let canary = "canary-7f3a9c-Geheimnis"
    let world = try VaultWorld()
    let client = try world.join(.client, "Cleo")
    let practitioner = try world.join(.practitioner, "Pia")
    try world.engage(practitioner, client)
    let text = String(repeating: canary + " ", count: 5000)
    _ = try client.addToVault(
      [try world.write("name-\(canary).txt", text)], into: "folder-\(canary)")
    let path = "folder-\(canary)/name-\(canary).txt"
    try client.share(
      path, with: practitioner.identity.account, untilMilliseconds: nil,
      permissions: [.downloadFiles, .addNotes])
    try world.sync(client, practitioner)
    let item = try practitioner.share(named: "name-\(canary).txt")
    try practitioner.addNote("note \(canary)", to: item)
    try world.sync(practitioner, client)
    #expect(try client.content(path) == Array(text.utf8))
    try practitioner.readShared(item) { _ in }
    #expect(try client.notes(on: client.share(named: path)).map(\.text) == ["note \(canary)"])
    _ = try client.auditEntries()
    try client.revoke(path, from: practitioner.identity.account)
    for replica in [client, practitioner] {
      #expect(try Self.files(below: replica.home.path, holding: canary) == [])
    }
  }

  /// Base64 of a text looks different at each of three offsets.
  static func files(below folder: String, holding canary: String) throws -> [String] {
    let raw = Data(canary.utf8)
    var needles = [raw, Data(canary.utf16.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] })]
    needles.append(Data(canary.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }))
    for offset in 0..<3 {
      let encoded = (Data(repeating: 0, count: offset) + raw).base64EncodedData()
      needles.append(encoded.dropFirst(offset == 0 ? 0 : 4).dropLast(4))
    }
    needles.append(Data(Hex.encode(Array(raw)).utf8))
    needles.append(Data(Hex.encode(Array(raw)).uppercased().utf8))
    var found: [String] = []
    for case let name as String in FileManager.default.enumerator(atPath: folder) ?? .init() {
      let path = folder + "/" + name
      guard try FileStatus(at: path).kind == .file else { continue }
      let data = try Data(contentsOf: URL(fileURLWithPath: path))
      if needles.contains(where: { data.range(of: $0) != nil }) || name.contains(canary) {
        found.append(name)
      }
    }
    return found
  }

  @Test func findsACanary() throws {
    let folder = NSTemporaryDirectory() + "satchel-canary-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let raw = Data("xx canary-7f3a9c-Geheimnis yy".utf8)
    for (name, data) in [
      ("raw", raw), ("base64", raw.base64EncodedData()),
      ("hex", Data(Hex.encode(Array(raw)).utf8)), ("other", Data("nothing".utf8)),
    ] { try data.write(to: URL(fileURLWithPath: folder + "/" + name)) }
    let found = try Self.files(below: folder, holding: "canary-7f3a9c-Geheimnis")
    #expect(found.sorted() == ["base64", "hex", "raw"])
    try FileManager.default.removeItem(atPath: folder)
  }
}
