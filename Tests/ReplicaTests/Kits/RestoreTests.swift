import Foundation
import Merge
import Simulation
import SyncProtocol
import Testing

@testable import Replica
@testable import SpaceStore

/// An account comes back on an empty machine.
@Suite struct RestoreTests {
  private let names = ["client", "tablet", "practitioner"]

  @Test func everythingComesBackWhenAllDevicesAreLost() throws {
    let world = try World(opening: names)
    let (client, casework) = (world.client, world.facts.casework)
    try client.addFile("before.txt", "before the kit", in: world)
    let ticket = try client.makeTicket(in: casework, title: "sealed title")
    try client.sync()
    let kit = try client.makeKit()
    // The account's key and every epoch are replaced after the kit was written.
    try client.replica.revokeDevice(
      world.tablet.replica.identity.device, client.network)
    try client.addFile("after.txt", "after the kit", in: world)
    try client.sync()
    let spaces = try client.presentSpaces().sorted()
    client.close()
    world.tablet.close()

    let restored = try world.restore(kit)
    let report = try restored.sync()
    #expect(report.problems == [])
    #expect(try restored.presentSpaces().sorted() == spaces)
    #expect(try restored.readFile("before.txt") == "before the kit")
    #expect(try restored.readFile("after.txt") == "after the kit")
    #expect(try restored.shownText("ticket", ticket, "title", in: casework) == "sealed title")
    for space in spaces {
      let kept = try restored.keptKeys(of: space)
      #expect(try kept == Set(restored.epochs(space)))
    }
    let status = try restored.replica.status()
    #expect(status.name == "client")
    #expect(status.kits == [])
    // It can go on, under keys that the kit does not open.
    let later = try restored.makeTicket(in: casework)
    try restored.sync()
    #expect(try restored.unsentCount() == 0)
    try world.practitioner.sync()
    #expect(try world.practitioner.isShown("ticket", later, in: casework))
  }

  /// With the team's keys, and what was shared.
  @Test func aPractitionerComesBack() throws {
    let world = try World(opening: ["client", "practitioner", "admin"])
    let (client, practitioner, casework) = (world.client, world.practitioner, world.facts.casework)
    let ticket = try client.makeTicket(in: casework, title: "sealed title")
    try client.sync()
    let kit = try practitioner.makeKit()
    practitioner.close()
    let restored = try world.restore(kit)
    var report = try restored.sync()
    #expect(report.problems == [])
    #expect(try restored.shownText("ticket", ticket, "title", in: casework) == "sealed title")
    // The kit could open the team's key: there is a next one, and the spaces' after it.
    #expect(try restored.replica.keyDebt().filter(\.isOwn) == [])
    for name in ["client", "admin", "client"] { try world[name].sync() }
    report = try restored.sync()
    #expect(report.problems == [])
    #expect(try client.replica.keyDebt() == [])
    _ = try restored.makeComment(on: ticket, in: casework)
    try restored.sync()
    #expect(try restored.unsentCount() == 0)
  }

  @Test func aUsedKitIsRefused() throws {
    let world = try World(opening: names)
    let kit = try world.client.makeKit()
    try world.restore(kit)
    let again = world.makeParty("again")
    let problem = try Party.problem { _ = try world.restore(kit, into: again) }
    #expect(problem == .replaced)
    #expect(try Party.problem { _ = try world.drill(kit, again) } == .replaced)
    // Nothing was registered, and the home is for nothing.
    let home = try Home.create(at: "\(world.folder.path)/third")
    #expect(!home.mayBeRegistered)
  }

  @Test func theOthersAreTold() throws {
    let world = try World(opening: names)
    let kit = try world.client.makeKit()
    var report = try world.tablet.sync()
    #expect(report.news.contains { $0.contains("has made a recovery kit") })
    let restored = try world.restore(kit)
    for party in [world.client, world.tablet] {
      report = try party.sync()
      #expect(report.news.contains { $0.contains("was restored with the recovery kit") })
      #expect(report.news.contains { $0.contains("recovery kit") && $0.contains("taken out") })
      let audit = try party.replica.auditEntries().filter { $0.action == "recovery" }
      #expect(audit.map(\.detail) == [restored.replica.identity.device.hex])
      // Once.
      #expect(try party.sync().news == [])
    }
    #expect(try restored.sync().news == [])
    #expect(try restored.replica.auditEntries().contains { $0.action == "recovery" })
  }

  /// Somebody else has signed that they see the history with this device in it.
  @Test func freshnessIsProvenBySomebodyElse() throws {
    let world = try World(opening: names)
    let (practitioner, casework) = (world.practitioner, world.facts.casework)
    let kit = try world.client.makeKit()
    // Written before, and seen after: proves nothing.
    let old = try practitioner.makeTicket(in: casework)
    try practitioner.sync()
    let restored = try world.restore(kit)
    var report = try restored.sync()
    #expect(try restored.isShown("ticket", old, in: casework))
    #expect(report.warnings.contains { $0.contains("nobody else has confirmed") })
    #expect(try restored.replica.status().isFreshnessUnproven)
    // Its own writes prove nothing either.
    _ = try restored.makeTicket(in: casework)
    try restored.sync()
    #expect(try restored.replica.isFreshnessUnproven())
    try practitioner.sync()
    _ = try practitioner.makeTicket(in: casework)
    try practitioner.sync()
    report = try restored.sync()
    #expect(report.warnings == [])
    #expect(try !restored.replica.status().isFreshnessUnproven)
  }

  @Test(arguments: [1, 3, 5, 7, 8, 10, 12])
  func itCanBeCutOffAnywhereAndDoneAgain(request: Int) throws {
    let world = try World(opening: ["client", "tablet"])
    try world.client.addFile("file.txt", "content", in: world)
    try world.client.sync()
    let kit = try world.client.makeKit()
    let party = world.makeParty("restored")
    party.network.fault = { number, _ in number == request ? .loseResponse : .none }
    do {
      try world.restore(kit, into: party)
    } catch ReplicaError.notReachable {
      #expect(party.network.requestCount == request + 1)
    }
    party.network.reset()
    if Home.exists(at: party.homePath),
      try Replica.isRestoring(Home.open(at: party.homePath))
    {
      try world.restore(kit, into: party)
    } else {
      try FileManager.default.removeItem(atPath: party.homePath)
      try world.restore(kit, into: party)
    }
    try party.sync()
    #expect(try party.readFile("file.txt") == "content")
    // One device, and no kit is left.
    let devices = try party.replica.devices().filter { $0.revokedMilliseconds == nil }
    #expect(devices.map(\.isKit) == [false, false, false])
  }

  @Test func nothingIsDoneOnAHalfRestoredHome() throws {
    let world = try World(opening: ["client"])
    let kit = try world.client.makeKit()
    let party = world.makeParty("restored")
    party.network.fault = { _, request in
      request.path == Path.chainAppend ? .loseResponse : .none
    }
    #expect(throws: ReplicaError.self) { try world.restore(kit, into: party) }
    let home = try Home.open(at: party.homePath)
    #expect(home.mayBeRegistered)
    #expect(try Replica.isRestoring(home))
    let replica = try Replica.open(home, environment: party.environment)
    #expect(throws: ReplicaError.self) { try replica.sync(party.network) }
  }

  /// A device that is left over cannot make a kit that would take the restored one's place.
  @Test func aDeviceFromBeforeMakesNoKit() throws {
    let world = try World(opening: ["client", "tablet"])
    let kit = try world.client.makeKit()
    let restored = try world.restore(kit)
    let next = try restored.makeKit()
    try world.tablet.sync()
    #expect(throws: ReplicaError.self) { try world.tablet.makeKit() }
    #expect(try restored.replica.kits() == [next.standing])
    #expect(try world.drill(next, restored).counts)
  }

  /// The server shows the chain as it was before the kit was made.
  @Test func anOldChainIsRefused() throws {
    let world = try World(opening: ["client"])
    let forger = try LyingServer(world)
    let kit = try world.client.makeKit()
    let reference = ChainReference.account(world.client.account)
    let statements = try world.client.replica.chains.statements(reference).dropLast()
    let point = try #require(statements.last).point
    let party = world.makeParty("restored")
    party.network.forgeChain(reference) { _ in
      ChainPart(head: forger.sign(reference, point), statements: Array(statements))
    }
    let problem = try Party.problem { _ = try world.restore(kit, into: party) }
    #expect(problem == .oldChain)
    #expect(try Party.problem { _ = try world.drill(kit, party) } == .oldChain)
  }

  @Test func anotherServerAndAnotherAccountAreRefused() throws {
    let world = try World(opening: ["client", "practitioner"])
    let kit = try world.client.makeKit()
    let other = try world.practitioner.makeKit()
    let party = world.makeParty("restored")
    // The words of one kit, the code of the other.
    let mixed = PaperKit(keys: kit.keys, code: other.code, standing: kit.standing)
    #expect(try Party.problem { _ = try world.restore(mixed, into: party) } == .unknown)
    let code = kit.code
    let elsewhere = KitCode(
      server: kit.keys.identity.publicKey, url: code.url, account: code.account,
      announced: code.announced, role: code.role, organisation: code.organisation, name: code.name)
    #expect(throws: ReplicaError.otherServer) {
      try world.drill(
        PaperKit(keys: kit.keys, code: elsewhere, standing: kit.standing), party)
    }
  }
}
