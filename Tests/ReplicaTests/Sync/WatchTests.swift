import Merge
import Simulation
import SyncProtocol
import Testing

@testable import Replica

/// A home that stays connected asks for no more than what has moved.
@Suite struct WatchTests {
  let world: World
  let watch: Watch
  let client: Party

  init() throws {
    world = try World(opening: ["client", "practitioner", "admin"])
    client = world.client
    try world.settle()
    watch = Watch(client.replica, client.network)
    for _ in 0..<3 { _ = try watch.sync() }
    client.network.reset()
  }

  private var paths: [String] { client.network.requests.map(\.path) }

  @Test func nothingToDoIsOneRequest() throws {
    let report = try watch.sync()
    #expect(report == SyncReport())
    #expect(paths == [Path.feed])
    #expect(client.network.requests[0].body.count < 60)
  }

  @Test func aPlainChangeComesWithTwoRequests() throws {
    let ticket = try world.practitioner.makeTicket(in: world.facts.casework)
    try world.practitioner.sync()
    let report = try watch.sync()
    #expect(paths == [Path.feed, Path.pull])
    #expect(report.pulledCount > 0)
    let found = try client.replica.shownRecord("ticket", ticket, in: world.facts.casework)
    #expect(found != nil)
    client.network.reset()
    _ = try watch.sync()
    #expect(paths == [Path.feed])
  }

  @Test func anOwnPlainChangeIsSentAndSettled() throws {
    _ = try client.makeTicket(in: world.facts.casework)
    let report = try watch.sync()
    #expect(report.acceptedCount == 1)
    #expect(paths == [Path.push, Path.feed, Path.pull])
    let unsent = try client.replica.database.first("SELECT COUNT(*) FROM outbox") { $0.integer(0) }
    #expect(unsent == 0)
  }

  @Test func whatMayAskForMoreIsAWholeSync() throws {
    // A new space, to which the client's device owes a key.
    let space = try world.admin.replica.openCasework(
      client: client.account, team: world.facts.team, world.admin.network)
    _ = try watch.sync()
    #expect(paths.count > 2)
    #expect(try client.replica.store.state(space).currentEpoch != nil)
  }

  @Test func otherNewsIsAWholeSync() throws {
    let admin = world.admin
    let other = Watch(admin.replica, admin.network)
    let invitation = try admin.replica.invite(role: .client, name: "New", admin.network)
    for _ in 0..<3 { _ = try other.sync() }
    admin.network.reset()
    _ = try other.sync()
    #expect(admin.network.requests.map(\.path) == [Path.feed])
    let party = world.makeParty("new")
    let home = try Home.create(at: party.homePath)
    let replica = try party.withPassword { password in
      try Replica.register(
        home: home, password: password, invitation: invitation, name: "New", url: "test:",
        transport: party.network, environment: party.environment)
    }
    admin.network.reset()
    _ = try other.sync()
    #expect(admin.network.requests.map(\.path).contains(Path.chainAppend))
    let chain = try admin.replica.chains.organisationChain(world.facts.organisation)
    #expect(chain?.members[replica.identity.account] != nil)
  }

  @Test func timeAloneIsAWholeSync() throws {
    world.clock.advance(milliseconds: 5 * 60 * 1000)
    _ = try watch.sync()
    #expect(paths.contains(Path.session))
    client.network.reset()
    _ = try watch.sync()
    #expect(paths == [Path.feed])
  }

  @Test func aServerThatHasForgottenTheSessionIsAskedForAnother() throws {
    try world.restartServer()
    let report = try watch.sync()
    #expect(report.problems.isEmpty)
    #expect(paths.first == Path.feed)
    #expect(paths.contains(Path.session))
  }

  @Test func whatWasDoneBesideItIsAWholeSync() throws {
    try client.replica.database.transaction {
      try client.replica.settings.set(.emergencyAsked, number: 0)
    }
    _ = try watch.sync()
    #expect(paths.contains(Path.session))
  }

  @Test func aRevokedDeviceTakesItsLeave() throws {
    let world = try World(opening: ["client", "tablet"])
    let tablet = Watch(world.tablet.replica, world.tablet.network)
    for _ in 0..<3 { _ = try tablet.sync() }
    try world.client.replica.revokeDevice(
      world.tablet.replica.identity.device, world.client.network)
    #expect(try tablet.sync().wasRevoked)
  }
}
