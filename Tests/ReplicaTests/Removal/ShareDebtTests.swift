import Database
import Foundation
import Merge
import Signing
import Simulation
import SyncProtocol
import Testing

@testable import Replica

/// Shares for a key of the practitioner's that was replaced: listed until a device that can pays.
struct ShareDebtTests {
  private static let names = ["admin", "client", "practitioner", "tablet"]

  /// The practitioner has lost a device, and taken it out.
  private func lose(_ phone: Party, in world: World) throws {
    try world.settle(Self.names + ["phone"])
    try world.practitioner.replica.revokeDevice(
      phone.replica.identity.device, world.practitioner.network)
    try world.practitioner.sync()
  }

  private func addFile(_ world: World, into folder: String? = nil) throws {
    let path = "\(world.folder.path)/scan.txt"
    try Data("content".utf8).write(to: URL(filePath: path))
    _ = try world.client.replica.addToVault([path], into: folder)
  }

  private func received(_ world: World) throws -> [UInt8] {
    let active = try world.practitioner.replica.sharesReceived().filter { $0.status == .active }
    var content: [UInt8] = []
    try world.practitioner.replica.readShared(try #require(active.first)) { content += $0 }
    #expect(active.count == 1)
    return content
  }

  @Test func whatOneDeviceCannotOpenTheNextOnePays() throws {
    let world = try World(opening: Self.names)
    let (client, tablet) = (world.client, world.tablet)
    try addFile(world)
    try client.replica.share(
      "scan.txt", with: world.practitioner.account, untilMilliseconds: nil, permissions: [])
    let phone = try world.enrolPhone(of: world.practitioner)
    try lose(phone, in: world)
    // The file's key is not here, and does not come.
    let vault = client.replica.vault
    try client.replica.database.run(
      "DELETE FROM wrap WHERE space = ?",
      .integer(
        client.replica.store.number(of: vault)))
    client.network.alter = { request, response in
      request.path == Path.wrapsFetch ? .failure(.notFound) : response
    }
    try client.sync()
    let debt = KeyDebt(subject: .shares(world.facts.engagement, 1), isOwn: true)
    let owed = try client.replica.keyDebt()
    #expect(owed.contains(debt), "\(owed)")
    client.replica.lock()
    #expect(try client.replica.status().keyDebt.contains(debt))
    try client.unlock()
    // Not taken back meanwhile: the practitioner's other devices go on.
    #expect(try client.replica.sharesGiven().map(\.status) == [.active])
    try tablet.sync()
    client.network.reset()
    try world.settle(Self.names)
    #expect(try client.replica.keyDebt() == [] && tablet.replica.keyDebt() == [])
    #expect(try received(world) == Array("content".utf8))
  }

  @Test func standingSharesFollowTheKey() throws {
    let world = try World(opening: Self.names)
    try addFile(world, into: "docs")
    try world.client.replica.shareStanding(
      "docs", with: world.practitioner.account, untilMilliseconds: nil, permissions: [])
    let phone = try world.enrolPhone(of: world.practitioner)
    try lose(phone, in: world)
    try world.settle(Self.names)
    #expect(try world.client.replica.keyDebt() == [])
    #expect(try received(world) == Array("content".utf8))
    let given = try world.client.replica.sharesGiven()
    #expect(given.map(\.status).filter { $0 == .active }.count == 1)
    #expect(given.allSatisfy { $0.isStanding })
    // The key's replacement is nobody's taking back.
    try world.client.replica.moveInVault("docs/scan.txt", to: "/")
    try world.client.replica.moveInVault("scan.txt", to: "docs/")
    try world.settle(Self.names)
    #expect(try received(world) == Array("content".utf8))
  }
}
