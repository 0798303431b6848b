import CBOR
import Foundation
import Merge
import Simulation
import SpaceStore
import SyncProtocol
import SyncServer
import Testing

@testable import Replica

/// A server that was restored from a backup: what devices hold comes back, and what they had seen
/// stays what they had seen.
@Suite struct ServerRestoreTests {
  private func titles(_ party: Party, _ tickets: [RecordID], _ space: SpaceID) throws -> [String?] {
    try tickets.map { try party.shownText("ticket", $0, "title", in: space) }
  }

  @Test(arguments: ServerRestore.allCases)
  func whatDevicesHoldComesBack(how: ServerRestore) throws {
    let world = try World(opening: ["client", "tablet"])
    let (client, tablet, casework) = (world.client, world.tablet, world.facts.casework)
    var tickets = [try client.makeTicket(in: casework, title: "0")]
    try world.settle()
    try world.backUpServer()
    for title in ["1", "2"] { tickets.append(try client.makeTicket(in: casework, title: title)) }
    try client.sync()
    try tablet.sync()
    try tablet.write(.update, "ticket", tickets[1], [.init("title", .text("1b"))], in: casework)
    try tablet.sync()
    try client.write(.update, "ticket", tickets[0], [.init("title", .text("0b"))], in: casework)
    world.clock.advance(milliseconds: 60_000)
    try world.restoreServer(how)

    let report = try tablet.sync()
    #expect(report.handedBackCount > 0)
    #expect(report.lostCount == 0)
    #expect(!report.sawDishonesty)
    #expect(report.news.contains { $0.contains("restored from a backup") })
    try world.settle()
    try world.expectConverged()
    let expected = ["0b", "1b", "2"]
    #expect(try titles(client, tickets, casework) == expected)
    #expect(try titles(tablet, tickets, casework) == expected)
    for party in [client, tablet] {
      let refusals = try party.rejectedRefusals()
      #expect(refusals == [])
      let kinds = Set(try party.evidenceKinds())
      #expect(kinds.isSubset(of: ["restored"]))
    }
    #expect(try world.server.lostRanges() == [])
  }

  /// One device has a little of what was lost, another all of it.
  @Test(arguments: [["tablet", "client"], ["client", "tablet"]])
  func twoDevicesHaveDifferentAmounts(order: [String]) throws {
    let world = try World(opening: ["client", "tablet"])
    let (client, tablet, casework) = (world.client, world.tablet, world.facts.casework)
    try world.settle()
    try world.backUpServer()
    var tickets: [RecordID] = []
    tickets.append(try client.makeTicket(in: casework, title: "0"))
    try client.sync()
    try tablet.sync()
    tickets.append(try client.makeTicket(in: casework, title: "1"))
    try client.sync()
    tickets.append(try tablet.makeTicket(in: casework, title: "2"))
    world.clock.advance(milliseconds: 60_000)
    try world.restoreServer(.byCommand)
    try world.settle(order)
    try world.expectConverged()
    #expect(try titles(tablet, tickets, casework) == ["0", "1", "2"])
    #expect(try titles(client, tickets, casework) == ["0", "1", "2"])
  }

  /// The server had said yes, and was lost before the author saw it in the log.
  @Test func whatWasAcceptedAndNotPulledIsSentAgain() throws {
    let world = try World(opening: ["client", "tablet"])
    let (client, casework) = (world.client, world.facts.casework)
    try world.settle()
    try world.backUpServer()
    let ticket = try client.makeTicket(in: casework, title: "accepted")
    client.network.fault = { _, request in
      request.path == Path.feed ? .loseRequest : .none
    }
    #expect(throws: ReplicaError.self) { try client.sync() }
    client.network.reset()
    let waiting = try client.replica.database.first(
      "SELECT COUNT(*) FROM outbox WHERE accepted IS NOT NULL"
    ) { $0.integer(0) }
    #expect(waiting == 1)
    world.clock.advance(milliseconds: 60_000)
    try world.restoreServer(.byHand)
    try world.settle()
    try world.expectConverged()
    #expect(try titles(world.tablet, [ticket], casework) == ["accepted"])
  }

  /// Two edits that did not know of each other, and one that knew of one of them: the same values stand,
  /// whether the server was lost in between or not.
  @Test func whatWasConcurrentStaysSo() throws {
    let plain = try siblings(restoring: nil)
    #expect(plain.count == 2)
    for how in [ServerRestore.byCommand, .byHand] {
      #expect(try siblings(restoring: how) == plain)
    }
  }

  private func siblings(restoring how: ServerRestore?) throws -> Set<String> {
    let world = try World(opening: ["client", "tablet", "practitioner"])
    let (client, tablet, casework) = (world.client, world.tablet, world.facts.casework)
    let ticket = try client.makeTicket(in: casework, title: "first")
    try world.settle()
    try world.backUpServer()
    func retitle(_ party: Party, _ title: String) throws {
      try party.write(.update, "ticket", ticket, [.init("title", .text(title))], in: casework)
    }
    try retitle(client, "from the client")
    try client.sync()
    try tablet.sync()
    // Knows the client's; the practitioner knows neither.
    try retitle(tablet, "from the tablet")
    try retitle(world.practitioner, "from the practitioner")
    world.clock.advance(milliseconds: 60_000)
    if let how { try world.restoreServer(how) }
    try world.settle(["practitioner", "tablet", "client"])
    try world.expectConverged()
    let replica = client.replica
    let key = RowKey(
      space: try replica.store.number(of: casework), type: "ticket", record: ticket)
    let register = try replica.store.tables.shownState(key).registers["title"]
    return Set(
      try (register?.siblings ?? []).compactMap { sibling in
        try replica.unseal(
          sibling.value.bytes ?? [], space: casework, type: "ticket", record: ticket,
          key: "title", author: sibling.authorship.origin.replica.device)?.text
      })
  }

  /// Numbers that the lost server gave are not given again.
  @Test func numbersSkipAhead() throws {
    let world = try World(opening: ["client", "practitioner"])
    let (client, practitioner, casework) = (
      world.client, world.practitioner, world.facts.casework
    )
    let first = try client.makeTicket(in: casework)
    try world.settle()
    try world.backUpServer()
    let lost = try client.makeTicket(in: casework)
    try client.sync()
    world.clock.advance(milliseconds: 60_000)
    try world.restoreServer(.byCommand)
    let later = try practitioner.makeTicket(in: casework)
    try practitioner.sync()
    try world.settle()
    try world.expectConverged()
    let numbers = try [first, lost, later].map { ticket in
      try client.replica.database.first(
        "SELECT number FROM ticket WHERE record = ?", .blob(ticket.bytes)
      ) { $0.integer(0) }
    }
    #expect(numbers == [1, 2, 1002])
  }

  /// Restored twice, the second time from before the first: incarnations that are lost themselves.
  @Test func aRestoredServerIsRestoredAgain() throws {
    let world = try World(opening: ["client", "tablet"])
    let (client, tablet, casework) = (world.client, world.tablet, world.facts.casework)
    try world.settle()
    try world.backUpServer()
    var tickets = [try client.makeTicket(in: casework, title: "0")]
    try client.sync()
    world.clock.advance(milliseconds: 60_000)
    try world.restoreServer(.byCommand)
    try tablet.sync()
    tickets.append(try tablet.makeTicket(in: casework, title: "1"))
    try tablet.sync()
    try client.sync()
    tickets.append(try client.makeTicket(in: casework, title: "2"))
    try client.sync()
    world.clock.advance(milliseconds: 60_000)
    try world.restoreServer(.byHand)
    try world.settle()
    try world.expectConverged()
    #expect(try titles(tablet, tickets, casework) == ["0", "1", "2"])
    #expect(try titles(client, tickets, casework) == ["0", "1", "2"])
  }

  /// All that is left is the server's keys: everybody's chains and logs come back from devices.
  @Test func aServerThatLostEverythingGetsItBack() throws {
    let world = try World()
    let (client, casework) = (world.client, world.facts.casework)
    let ticket = try client.makeTicket(in: casework, title: "kept")
    try world.settle()
    let empty = world.serverBackup
    _ = try SyncServer.initialize(directory: empty, environment: client.environment)
    let keys = try Data(contentsOf: URL(filePath: "\(world.serverDirectory)/server.keys"))
    try keys.write(to: URL(filePath: "\(empty)/server.keys"))
    world.clock.advance(milliseconds: 60_000)
    try world.restoreServer(.byCommand)
    try world.settle()
    try world.settle()
    try world.expectConverged()
    #expect(try titles(world.practitioner, [ticket], casework) == ["kept"])
    for name in world.cast.names {
      let report = try world[name].sync()
      #expect(report.problems == [], "\(name)")
    }
  }

  /// A thief's device comes first, and would take out the one that has taken it out.
  @Test func aRemovalThatWasLostComesBackBeforeAnother() throws {
    let world = try World(opening: ["client", "tablet"])
    let (client, tablet) = (world.client, world.tablet)
    try world.settle()
    try world.backUpServer()
    try client.replica.revokeDevice(tablet.replica.identity.device, client.network)
    world.clock.advance(milliseconds: 60_000)
    try world.restoreServer(.byHand)
    try tablet.sync()
    #expect(throws: ReplicaError.server(.chainUnsettled)) {
      try tablet.replica.revokeDevice(client.replica.identity.device, tablet.network)
    }
    let report = try client.sync()
    #expect(!report.sawDishonesty)
    #expect(try tablet.sync().wasRevoked)
    #expect(try !client.replica.wasRevoked())
  }

  /// A device does not believe in a restore that would take away what the log has signed otherwise.
  @Test func anotherHistoryIsAFork() throws {
    let world = try World(opening: ["client", "tablet"])
    let (client, tablet, casework) = (world.client, world.tablet, world.facts.casework)
    try world.settle()
    try world.backUpServer()
    _ = try client.makeTicket(in: casework, title: "told to the client")
    try client.sync()
    try world.restoreServer(.unnoticed)
    // Goes on under the old number: the two histories cannot be told apart any more.
    for title in ["told", "to", "the tablet"] {
      _ = try tablet.makeTicket(in: casework, title: title)
      try tablet.sync()
    }
    let report = try client.sync()
    #expect(report.sawDishonesty)
    let kinds = try client.evidenceKinds()
    #expect(kinds.contains("fork: two heads"))
    #expect(try client.replica.store.state(casework).incarnation == 0)
  }
}
