import CBOR
import Merge
import Signing
import Simulation
import SyncProtocol
import Testing

@testable import Replica
@testable import SpaceStore

/// Devices that meet what is left of compacted commits.
@Suite struct StubTests {
  private static let dayMilliseconds: UInt64 = 24 * 60 * 60 * 1000

  /// The client's two devices and a folder that both know.
  private final class Scene {
    let world: World
    let folder: RecordID
    var vault: SpaceID { world.client.replica.vault }

    init() throws {
      world = try World(opening: ["client", "tablet"])
      folder = world.client.newRecordID()
      try world.client.write(
        .create, "folder", folder, [.init("name", .text("0"))],
        in: world.client.replica.vault)
      try world.settle()
    }

    func rename(_ party: Party, _ name: String) throws {
      try party.write(.update, "folder", folder, [.init("name", .text(name))], in: vault)
    }

    func stubCount(_ store: SpaceStore) throws -> Int {
      var count = 0
      try store.eachEntry(vault) { _, entry in if case .stub = entry { count += 1 } }
      return count
    }

    func isIncomplete(_ party: Party) throws -> Bool {
      try party.replica.status().spaces.contains { $0.id == vault && $0.isIncomplete }
    }
  }

  /// A home from a backup stands at an earlier cursor than everybody believed.
  @Test func anOldCursorComesToTheSame() throws {
    let scene = try Scene()
    let (world, tablet) = (scene.world, scene.world.tablet)
    try tablet.backUp()
    for name in ["1", "2", "3"] { try scene.rename(world.client, name) }
    try world.settle()
    // What a device asks from, it has: everybody has to have asked from the end.
    try scene.rename(world.client, "4")
    try world.settle()
    #expect(try world.server.compact() + scene.stubCount(world.client.replica.store) > 0)
    let servers = try world.withServerStore { try scene.stubCount($0) }
    #expect(servers >= 3)
    #expect(try scene.stubCount(tablet.replica.store) == 0)
    try tablet.restoreBackup()
    let report = try tablet.sync()
    #expect(!report.sawDishonesty)
    #expect(try scene.stubCount(tablet.replica.store) > 0)
    #expect(try !scene.isIncomplete(tablet))
    try world.settle()
    try world.expectConverged(["client", "tablet"])
    let reference = RecordReference(space: scene.vault, type: "folder", record: scene.folder)
    let values = try tablet.replica.history(of: reference).flatMap(\.writes).map(\.value)
    #expect(values.contains(.notKept))
    #expect(values.last == .text("4"))
  }

  /// Half a year away, with work that was never sent.
  @Test func aRetiredReplicaBringsItsWork() throws {
    let scene = try Scene()
    let (world, client, tablet) = (scene.world, scene.world.client, scene.world.tablet)
    try scene.rename(client, "1")
    try client.sync()
    let unseen = try tablet.write(
      .update, "folder", scene.folder, [.init("name", .text("away"))], in: scene.vault)
    let second = try tablet.write(
      .create, "folder", tablet.newRecordID(), [.init("name", .text("new"))], in: scene.vault)
    world.clock.advance(milliseconds: 181 * Self.dayMilliseconds)
    try scene.rename(client, "2")
    try client.sync()
    try scene.rename(client, "3")
    try client.sync()
    try world.server.compact()
    #expect(try world.withServerStore { try scene.stubCount($0) } > 0)

    let number = try tablet.replica.store.number(of: scene.vault)
    let before = try tablet.replica.journalReplica(space: number)
    let report = try tablet.sync()
    #expect(report.problems == [])
    #expect(report.acceptedCount == 2)
    #expect(try tablet.replica.journalReplica(space: number) != before)
    #expect(try tablet.rejectedRefusals().isEmpty)
    try world.settle()
    try world.expectConverged(["client", "tablet"])
    try world.expectAccounted([unseen, second])
    // Written without having seen the others, it stands beside them.
    let row = RowKey(space: number, type: "folder", record: scene.folder)
    let name = try #require(
      tablet.replica.store.tables.shownState(row).registers["name"])
    #expect(name.siblings.count == 2)
    #expect(name.siblings.contains { $0.authorship.origin == unseen.origin })
  }

  /// What was sent before, and only the answer lost, does not come twice.
  @Test func aRetiredReplicaDoesNotDoubleWhatArrived() throws {
    let scene = try Scene()
    let (world, client, tablet) = (scene.world, scene.world.client, scene.world.tablet)
    let written = try tablet.write(
      .create, "folder", tablet.newRecordID(), [.init("name", .text("sent"))], in: scene.vault)
    tablet.network.isDeaf = true
    #expect(throws: ReplicaError.self) { try tablet.sync() }
    tablet.network.isDeaf = false
    let later = try tablet.write(
      .create, "folder", tablet.newRecordID(), [.init("name", .text("later"))], in: scene.vault)
    world.clock.advance(milliseconds: 400 * Self.dayMilliseconds)
    try scene.rename(client, "1")
    try client.sync()
    try tablet.sync()
    try world.settle()
    try world.expectConverged(["client", "tablet"])
    try world.expectAccounted([written, later])
  }

  // MARK: Lies

  /// Turns the commits into stubs that the choice names: hashes, head and signatures stay right.
  private func stub(
    _ network: Network, _ space: SpaceID, where isChosen: @escaping (Commit) -> Bool
  ) {
    network.forgePages(of: space) { page in
      let entries = try page.entries.map { entry -> LogEntry in
        guard case .commit(let origin, let commit) = entry, isChosen(try commit.decoded()) else {
          return entry
        }
        return .stub(origin, CommitStub(of: commit))
      }
      return LogPage(
        after: page.after, entries: entries, tails: page.tails, head: page.head, last: page.last)
    }
  }

  @Test func withheldValuesAreMissed() throws {
    let scene = try Scene()
    let (world, client, tablet) = (scene.world, scene.world.client, scene.world.tablet)
    let secret = client.newRecordID()
    try client.write(
      .create, "folder", secret, [.init("name", .text("withheld"))], in: scene.vault)
    let ticket = try client.makeTicket(in: world.facts.casework)
    try client.sync()
    stub(tablet.network, scene.vault) { $0.changes.contains { $0.record == secret } }
    let report = try tablet.sync()
    #expect(report.sawDishonesty)
    let place = try world.withServerStore { try $0.state(scene.vault).position.rawValue }
    #expect(
      try tablet.evidenceKinds() == ["values withheld from position \(place) on"])
    #expect(try scene.isIncomplete(tablet))
    #expect(try !scene.isIncomplete(client))
    // The rest goes on.
    #expect(try tablet.isShown("ticket", ticket, in: world.facts.casework))
    try scene.rename(tablet, "goes on")
    #expect(try tablet.sync().acceptedCount == 1)
    #expect(try tablet.evidenceKinds().count == 1)
    // Once somebody has overwritten what was withheld nothing is missing any more.
    tablet.network.reset()
    try client.write(
      .update, "folder", secret, [.init("name", .text("shown"))], in: scene.vault)
    try world.settle()
    #expect(try !scene.isIncomplete(tablet))
    try world.expectConverged(["client", "tablet"])
  }

  @Test func keptHistoryIsNotLeftOut() throws {
    let scene = try Scene()
    let (world, client, tablet) = (scene.world, scene.world.client, scene.world.tablet)
    let casework = world.facts.casework
    let ticket = try client.makeTicket(in: casework)
    try client.sync()
    let before = try tablet.replica.store.state(casework).stored
    stub(tablet.network, casework) { $0.changes.contains { $0.record == ticket } }
    let report = try tablet.sync()
    #expect(report.sawDishonesty)
    #expect(try tablet.evidenceKinds() == ["accepted: malformed"])
    #expect(try tablet.replica.store.state(casework).stored == before)
    tablet.network.reset()
    try world.settle()
    try world.expectConverged(["client", "tablet"])
  }
}
