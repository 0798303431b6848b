import Foundation
import Merge
import Signing
import Simulation
import SyncProtocol
import Testing

@testable import Replica
@testable import SpaceStore

@Suite struct EpochRotationTests {
  /// Written offline before the removal was known: sealed again, with its context, origin and time.
  @Test func whatWasSealedUnderAnOldEpochIsSealedAgain() throws {
    let world = try World()
    let (client, practitioner, casework) = (world.client, world.practitioner, world.facts.casework)
    let ticket = try client.makeTicket(in: casework, title: "first")
    try world.settle()
    let context = try practitioner.replica.store.state(casework).position
    let written = try practitioner.write(
      .update, "ticket", ticket, [.init("title", .text("offline"))], in: casework)
    try client.write(.update, "ticket", ticket, [.init("title", .text("client"))], in: casework)
    try client.sync()
    try client.replica.revokeDevice(
      world.tablet.replica.identity.device, client.network)
    try client.sync()

    let report = try practitioner.sync()
    #expect(report.refused.isEmpty)
    try world.settle(["admin", "client", "practitioner"])
    try world.expectConverged(["admin", "client", "practitioner"])
    try world.expectAccounted([written])
    let rejected = try practitioner.rejectedRefusals()
    #expect(rejected == [])
    let number = try client.replica.store.number(of: casework)
    let logged = try client.replica.store.log.commits(
      space: number, of: practitioner.replica.identity.replica, after: written.origin.sequence)
    let header = try #require(try logged.last?.commit.decodedHeader())
    #expect(header.origin == written.origin)
    #expect(header.context.position == context)
    // Neither overwrote the other: both had seen the first title only.
    let key = RowKey(space: number, type: "ticket", record: ticket)
    let siblings = try client.replica.store.tables.shownState(key).registers["title"]?.siblings
    #expect(siblings?.count == 2)
    for party in [client, practitioner] {
      let epoch = try party.sealingEpoch("ticket", ticket, "title", in: casework)
      #expect(epoch == (try party.epochs(casework).last))
    }
  }

  @Test func aRecordAndWhatIsWrittenUnderItWaitTogether() throws {
    let world = try World(opening: ["client", "tablet", "practitioner"])
    let (client, practitioner, casework) = (world.client, world.practitioner, world.facts.casework)
    let ticket = try practitioner.makeTicket(in: casework, title: "offline")
    try practitioner.write(
      .update, "ticket", ticket, [.init("severity", .text("critical"))], in: casework)
    let comment = try practitioner.makeComment(on: ticket, in: casework)
    try practitioner.write(
      .update, "ticket", ticket, [.init("title", .text("offline 2"))], in: casework)
    try client.replica.revokeDevice(world.tablet.replica.identity.device, client.network)
    // Nobody has made the next epoch when the practitioner's device sends.
    practitioner.network.fault = { _, request in
      request.path == Path.wraps ? .loseRequest : .none
    }
    #expect(throws: ReplicaError.self) { try practitioner.sync() }
    practitioner.network.reset()
    let isShown = try practitioner.isShown("comment", comment, in: casework)
    #expect(isShown)
    let unsent = try practitioner.unsentCount()
    #expect(unsent == 4)
    try practitioner.reopen()
    try world.settle(["client", "practitioner"])
    try world.expectConverged(["client", "practitioner"])
    let rejected = try practitioner.rejectedRefusals()
    #expect(rejected == [])
    let title = try client.shownText("ticket", ticket, "title", in: casework)
    #expect(title == "offline 2")
    let isThere = try client.isShown("comment", comment, in: casework)
    #expect(isThere)
  }

  /// What its author wrote over since is left out.
  @Test func aResealedCommitDoesNotComeBackOverALaterOne() throws {
    let world = try World(opening: ["client", "tablet", "practitioner"])
    let (client, practitioner, casework) = (world.client, world.practitioner, world.facts.casework)
    let ticket = try client.makeTicket(in: casework, title: "first")
    try world.settle()
    try practitioner.write(
      .update, "ticket", ticket, [.init("description", .text("old"))], in: casework)
    try client.replica.revokeDevice(world.tablet.replica.identity.device, client.network)
    practitioner.network.fault = { _, request in
      request.path == Path.wraps ? .loseRequest : .none
    }
    #expect(throws: ReplicaError.self) { try practitioner.sync() }
    practitioner.network.reset()
    try practitioner.write(
      .update, "ticket", ticket, [.init("description", .null)], in: casework)
    try world.settle(["client", "practitioner"])
    try world.expectConverged(["client", "practitioner"])
    let number = try client.replica.store.number(of: casework)
    let key = RowKey(space: number, type: "ticket", record: ticket)
    let register = try client.replica.store.tables.shownState(key).registers["description"]
    #expect(register?.siblings.map(\.value) == [.null])
  }

  /// Two devices make the next epoch at the same time: one of them stands, both use it.
  @Test func theSecondOfTwoEpochsIsDropped() throws {
    let world = try World()
    let (client, practitioner, casework) = (world.client, world.practitioner, world.facts.casework)
    try client.replica.revokeDevice(world.tablet.replica.identity.device, client.network)
    // Both know of the removal, neither has made the epoch.
    for party in [client, practitioner] {
      party.replica.lock()
      try party.sync()
      try party.unlock()
    }
    var isRacing = true
    practitioner.network.fault = { _, request in
      if request.path == Path.wraps, isRacing {
        isRacing = false
        do { try client.sync() } catch { Issue.record(error) }
      }
      return .none
    }
    try practitioner.sync()
    #expect(!isRacing)
    try world.settle(["admin", "client", "practitioner"])
    let epochs = try [client, practitioner].map { try $0.epochs(casework) }
    #expect(epochs[0] == epochs[1])
    #expect(epochs[0].count == 2)
    for party in [client, practitioner] {
      let held = try party.heldKeys("epoch/\(casework.hex)/")
      #expect(held == epochs[0].map { "epoch/\(casework.hex)/\($0.hex)" }.sorted())
    }
    let ticket = try practitioner.makeTicket(in: casework, title: "one key")
    try world.settle(["admin", "client", "practitioner"])
    let title = try client.shownText("ticket", ticket, "title", in: casework)
    #expect(title == "one key")
  }

  @Test func aLockedDeviceWaitsAndNothingIsSealedMeanwhile() throws {
    let world = try World(opening: ["client", "tablet"])
    let (client, casework) = (world.client, world.facts.casework)
    try client.replica.revokeDevice(world.tablet.replica.identity.device, client.network)
    client.replica.lock()
    try client.sync()
    try client.unlock()
    let debts = try client.replica.keyDebt()
    #expect(
      Set(debts.map(\.subject)) == [
        .space(casework, .casework), .space(world.facts.engagement, .engagement),
        .space(client.replica.vault, .vault),
      ])
    #expect(debts.filter { !$0.isOwn } == [])
    #expect(throws: ReplicaError.self) { try client.makeTicket(in: casework) }
    try client.sync()
    let paid = try client.replica.keyDebt()
    #expect(paid == [])
    _ = try client.makeTicket(in: casework)
    try client.sync()
    try world.expectConverged(["client"])
  }

  /// A file that was added offline: its key is wrapped again as well.
  @Test func aFilesKeyIsWrappedAgain() throws {
    let world = try World(opening: ["client", "tablet", "practitioner"])
    let phone = try world.enrolPhone()
    try phone.sync()
    let path = "\(world.folder.path)/scan.txt"
    try Data("bytes of a scan".utf8).write(to: URL(filePath: path))
    let report = try phone.replica.addToVault([path])
    #expect(report.problems.isEmpty)
    try world.client.replica.revokeDevice(
      world.tablet.replica.identity.device, world.client.network)
    try world.client.sync()
    try phone.sync()
    try world.settle(["client", "phone"])
    try world.expectConverged(["client", "phone"])
    let vault = world.client.replica.vault
    let newest = try #require(try world.client.epochs(vault).last)
    let hints = try world.client.wrapHints(vault)
    #expect(hints == [Array(newest.bytes.prefix(8))])
    var content: [UInt8] = []
    try world.client.replica.readFromVault("scan.txt") { content += $0 }
    #expect(content == Array("bytes of a scan".utf8))
  }
}
