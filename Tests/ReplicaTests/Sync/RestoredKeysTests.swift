import Merge
import Simulation
import SyncProtocol
import Testing

@testable import Replica
@testable import SpaceStore

/// Keys after a server was restored from a backup: who may read can, and nobody waits for keys that are
/// lost.
@Suite struct RestoredKeysTests {
  /// A world whose server was backed up after a device was taken out, and before anybody replaced the
  /// keys; with a ticket from before.
  private func worldOwingEpochs() throws -> (World, RecordID) {
    let world = try World()
    let ticket = try world.client.makeTicket(in: world.facts.casework, title: "before")
    try world.settle()
    try world.client.replica.revokeDevice(
      world.tablet.replica.identity.device, world.client.network)
    try world.backUpServer()
    return (world, ticket)
  }

  private func restore(_ world: World) throws {
    world.clock.advance(milliseconds: 60_000)
    try world.restoreServer(.byCommand)
  }

  /// One was lost, another was made in its place, and the first came back: neither opens the other, and
  /// whoever comes later has to read what is under both.
  @Test func epochsThatTookEachOthersPlaceAllOpen() throws {
    let (world, before) = try worldOwingEpochs()
    let (client, practitioner, casework) = (world.client, world.practitioner, world.facts.casework)
    try client.sync()
    let lost = try client.makeTicket(in: casework, title: "lost")
    try client.sync()
    try restore(world)
    try practitioner.sync()
    let between = try practitioner.makeTicket(in: casework, title: "between")
    try practitioner.sync()
    try world.settle(["admin", "client", "practitioner"])
    let second = try world.joinTeam()
    try second.sync()

    let shown = try [before, lost, between].map {
      try second.shownText("ticket", $0, "title", in: casework)
    }
    #expect(shown == ["before", "lost", "between"])
    for party in [client, practitioner, second] {
      let held = try party.keptKeys(of: casework)
      #expect(held == Set(try party.epochs(casework)), "\(party.name)")
    }
    let debts = try [client, practitioner, second].flatMap { try $0.replica.keyDebt() }
    #expect(debts == [])
  }

  /// The wraps were lost with the server, and who made them is away: another device makes the next one,
  /// and who comes back passes on what only it holds.
  @Test func anEpochThatDoesNotOpenIsReplaced() throws {
    let (world, before) = try worldOwingEpochs()
    let (client, practitioner, casework) = (world.client, world.practitioner, world.facts.casework)
    try practitioner.sync()
    let lost = try practitioner.makeTicket(in: casework, title: "lost")
    try practitioner.sync()
    // Sees the epoch, and does not get its key.
    client.replica.lock()
    try client.sync()
    try client.unlock()
    try restore(world)
    try client.sync()
    let after = try client.makeTicket(in: casework, title: "after")
    try client.sync()
    let unread = try client.shownText("ticket", lost, "title", in: casework)
    #expect(unread == nil)

    try world.settle(["admin", "practitioner", "client"])
    for party in [client, practitioner] {
      let shown = try [before, lost, after].map {
        try party.shownText("ticket", $0, "title", in: casework)
      }
      #expect(shown == ["before", "lost", "after"], "\(party.name)")
    }
    try world.expectConverged(["client", "practitioner"])
  }

  /// The same with a team's key.
  @Test func aTeamKeyThatDoesNotOpenIsReplaced() throws {
    let world = try World(opening: ["admin", "client", "practitioner"])
    let second = try world.joinTeam()
    let (client, practitioner, casework) = (world.client, world.practitioner, world.facts.casework)
    let phone = try world.enrolPhone(of: second)
    try second.sync()
    try second.replica.revokeDevice(phone.replica.identity.device, second.network)
    try world.backUpServer()
    try practitioner.sync()
    second.replica.lock()
    try second.sync()
    try second.unlock()
    try restore(world)
    // Who made the key says that nothing more is there, and does not send its wraps again.
    practitioner.replica.lock()
    for party in [world.admin, practitioner] { try party.sync() }
    try practitioner.unlock()
    try second.sync()
    let chain = try #require(try second.replica.chains.teamChain(world.facts.team))
    #expect(chain.predecessors.count == 2)
    #expect(chain.predecessors.last == .some(nil))
    let ticket = try second.makeTicket(in: casework, title: "under the next key")
    try second.sync()

    try world.settle(["admin", "client", "practitioner", "second"])
    for party in [client, practitioner] {
      let title = try party.shownText("ticket", ticket, "title", in: casework)
      #expect(title == "under the next key", "\(party.name)")
    }
    let debts = try [client, practitioner, second].flatMap { try $0.replica.keyDebt() }
    #expect(debts == [])
  }

  /// A log that is set back forgets an epoch; its key stays until it comes back.
  @Test func theKeyOfALostEpochIsKept() throws {
    let (world, _) = try worldOwingEpochs()
    let (client, casework) = (world.client, world.facts.casework)
    try client.sync()
    let lost = try #require(try client.epochs(casework).last)
    try restore(world)
    // The page that has it cannot be handed back yet.
    client.network.fault = { _, request in request.path == Path.recover ? .loseRequest : .none }
    #expect(throws: ReplicaError.self) { try client.sync() }
    client.network.reset()
    #expect(try client.epochs(casework).last != lost)
    #expect(try client.replica.lostEpochs(in: casework) == [lost])
    var report = SyncReport()
    let connection = try client.replica.connect(client.network, &report)
    try client.replica.openEpochs(connection, &report)
    let held = try client.heldKeys("epoch/\(casework.hex)/\(lost.hex)")
    #expect(held.count == 1)
    try client.sync()
    #expect(try client.replica.lostEpochs(in: casework) == [])
  }

  /// Nobody else has what it wrote: it hands that back before it goes.
  @Test func aDeviceThatWasTakenOutHandsBackWhatItHolds() throws {
    let world = try World(opening: ["client", "tablet"])
    let (client, tablet, casework) = (world.client, world.tablet, world.facts.casework)
    try world.settle()
    try world.backUpServer()
    let ticket = try tablet.makeTicket(in: casework, title: "from the tablet")
    try tablet.sync()
    try restore(world)
    // It was not waited for.
    var options = World.serverOptions
    options.settlingMilliseconds = 0
    try world.restartServer(options)
    try client.replica.revokeDevice(tablet.replica.identity.device, client.network)
    let report = try tablet.sync()
    #expect(report.wasRevoked)
    #expect(report.handedBackCount > 0)
    let isLeft = try tablet.isShown("ticket", ticket, in: casework)
    #expect(!isLeft)
    try client.sync()
    let title = try client.shownText("ticket", ticket, "title", in: casework)
    #expect(title == "from the tablet")
  }

  /// Locked, it may only pull: the wraps that the server has lost are sent once it is open.
  @Test func aHomeThatWasLockedSendsTheWrapsOfItsChainLater() throws {
    let world = try World(opening: ["client"])
    let client = world.client
    try client.sync()
    try world.backUpServer()
    let kit = try client.makeKit()
    try restore(world)
    client.replica.lock()
    try client.sync()
    #expect(try Party.problem { _ = try world.drill(kit, client) } == .keyMissing)
    try client.unlock()
    try client.sync()
    #expect(try world.drill(kit, client).accountKeyCount == 1)
  }

  /// What is left of a home whose purge was cut off is compared with a restored server like any other.
  @Test(arguments: [2, 5, 8, 11, 14, 17, 20])
  func aPurgeThatWasCutOffGoesOnWithARestoredServer(boundary: Int) throws {
    let world = try World(opening: ["client", "tablet"])
    let (client, tablet) = (world.client, world.tablet)
    try world.settle(["client", "tablet"])
    try world.backUpServer()
    _ = try client.makeTicket(in: world.facts.casework)
    try client.replica.decide(
      "approved", on: #require(try client.replica.assignments().first),
      terms: ConsentTerms(permissions: [.viewFiles], untilMilliseconds: nil))
    for party in [client, tablet] { try party.sync() }
    try client.replica.revokeDevice(tablet.replica.identity.device, client.network)
    _ = try tablet.crash(at: boundary) { try tablet.sync() }
    try restore(world)
    try client.sync()
    let report = try tablet.sync()
    #expect(report.wasRevoked)
    #expect(report.problems == [])
    #expect(try tablet.presentSpaces() == [])
  }
}
