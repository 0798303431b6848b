import Foundation
import Merge
import Signing
import Simulation
import SyncProtocol
import Testing

@testable import Replica
@testable import SpaceStore

@Suite struct DeviceRevocationTests {
  private func revokeTablet(_ world: World) throws {
    try world.client.replica.revokeDevice(
      world.tablet.replica.identity.device, world.client.network)
  }

  @Test func aRevokedDeviceLosesEverythingAndSaysSo() throws {
    let world = try World(opening: ["client", "tablet"])
    let (client, tablet, casework) = (world.client, world.tablet, world.facts.casework)
    let ticket = try tablet.makeTicket(in: casework)
    try tablet.sync()
    try revokeTablet(world)
    let report = try tablet.sync()
    #expect(report.wasRevoked)
    #expect(Set(report.left.values) == [.deviceRevoked])
    let present = try tablet.presentSpaces()
    #expect(present.isEmpty)
    let keys = try tablet.heldKeys("")
    #expect(keys == ["local"])
    let isShown = try tablet.isShown("ticket", ticket, in: casework)
    #expect(!isShown)
    #expect(tablet.network.requests.contains { $0.path == Path.purged })
    #expect(throws: ReplicaError.deviceRevoked) { try tablet.makeTicket(in: casework) }
    #expect(throws: ReplicaError.deviceRevoked) {
      try tablet.replica.revokeDevice(client.replica.identity.device, tablet.network)
    }
    try tablet.reopen()
    let again = try tablet.sync()
    #expect(again.wasRevoked)
    #expect(again.left.isEmpty)
    let status = try tablet.replica.status()
    #expect(status.isRevoked)
  }

  @Test(arguments: [true, false])
  func whatItWroteAfterTheBarIsRefusedAndKept(isLocked: Bool) throws {
    let world = try World(opening: ["client", "tablet"])
    let (tablet, casework) = (world.tablet, world.facts.casework)
    try tablet.sync()
    let before = try world.withServerStore { try $0.state(casework).position }
    let ticket = tablet.newRecordID()
    let written = try tablet.write(
      .create, "ticket", ticket, [.init("kind", .text("bug")), .init("title", .text("late"))],
      in: casework)
    try revokeTablet(world)
    if isLocked { tablet.replica.lock() }
    let report = try tablet.sync()
    #expect(report.wasRevoked)
    if isLocked { try tablet.unlock() }
    let refusals = try tablet.rejectedRefusals()
    #expect(refusals.map(\.code) == [.deviceBarred])
    let titles = try tablet.rejectedDrafts().flatMap(\.changes).flatMap(\.writes)
    #expect(titles.contains { $0.value == .text("late") })
    try world.expectAccounted([written])
    try world.client.sync()
    let isShown = try world.client.isShown("ticket", ticket, in: casework)
    #expect(!isShown)
    let barred = try world.withServerStore {
      try $0.state(casework).devices[tablet.replica.identity.device]?.until
    }
    #expect(try #require(barred) > before)
  }

  /// A locked home leaves a space with what it could not send.
  @Test func whatItStillHadForASpaceThatItLeftIsRefusedAndKept() throws {
    let world = try World(opening: ["admin", "client", "practitioner"])
    let (admin, practitioner) = (world.admin, world.practitioner)
    let phone = try world.enrolPhone(of: practitioner)
    try phone.sync()
    _ = try phone.makeTicket(in: world.facts.casework, title: "late")
    try admin.replica.remove(practitioner.account, from: world.facts.team, admin.network)
    phone.replica.lock()
    let left = try phone.sync().left
    #expect(left[world.facts.casework] == .removed)
    try phone.unlock()
    let before = try phone.unsentCount()
    #expect(before > 0)
    try practitioner.replica.revokeDevice(phone.replica.identity.device, practitioner.network)
    let report = try phone.sync()
    #expect(report.wasRevoked)
    let after = try phone.unsentCount()
    #expect(after == 0)
    let refusals = try phone.rejectedRefusals()
    #expect(refusals.map(\.code) == [Refusal.Code](repeating: .deviceBarred, count: before))
    let writes = try phone.rejectedDrafts().flatMap(\.changes).flatMap(\.writes)
    #expect(writes.contains { $0.value == .text("late") })
  }

  /// No purge on the server's word: it needs the statement of a device of the account.
  @Test func theServersWordAloneRemovesNothing() throws {
    let world = try World(opening: ["client", "tablet"])
    let tablet = world.tablet
    try tablet.sync()
    let before = try tablet.presentSpaces()
    tablet.network.planted = { request, response in
      request.path == Path.feed ? .failure(.deviceRevoked) : response
    }
    #expect(throws: ReplicaError.self) { try tablet.sync() }
    let after = try tablet.presentSpaces()
    #expect(after == before)
    tablet.network.planted = { $1 }
    try tablet.sync()
    try world.expectConverged()
  }

  @Test func everySpaceOfTheAccountGetsANewEpochThatTheDeviceCannotOpen() throws {
    let world = try World()
    let (client, practitioner) = (world.client, world.practitioner)
    let spaces = [client.replica.vault, world.facts.engagement, world.facts.casework]
    let old = try spaces.map { try client.epochs($0) }
    try revokeTablet(world)
    let owed = try client.replica.keyDebt()
    #expect(owed.isEmpty)
    try client.sync()
    try practitioner.sync()
    for (space, before) in zip(spaces, old) {
      let epochs = try client.epochs(space)
      #expect(epochs.count == before.count + 1)
      let newest = try #require(epochs.last)
      #expect(try client.replica.keys?.holds(.epoch(space, newest)) == true)
      let recipients = try client.replica.store.state(space).epochKeyGenerations
      #expect(recipients[try #require(Bytes32(client.account.bytes))] == 1)
    }
    let debts = try [client, practitioner].map { try $0.replica.keyDebt() }
    #expect(debts == [[], []])
    let ticket = try client.makeTicket(in: world.facts.casework, title: "after")
    try world.settle(["admin", "client", "practitioner"])
    let title = try practitioner.shownText("ticket", ticket, "title", in: world.facts.casework)
    #expect(title == "after")
    try world.expectConverged(["admin", "client", "practitioner"])
  }

  /// A new device opens what was sealed under every generation of the account's key.
  @Test func aDeviceThatComesLaterReadsThePast() throws {
    let world = try World(opening: ["client", "tablet", "practitioner"])
    let (client, casework) = (world.client, world.facts.casework)
    let first = try client.makeTicket(in: casework, title: "before")
    try client.sync()
    try revokeTablet(world)
    try client.sync()
    let second = try client.makeTicket(in: casework, title: "after")
    try client.sync()
    let phone = try world.enrolPhone()
    try phone.sync()
    let titles = try [first, second].map {
      try phone.shownText("ticket", $0, "title", in: casework)
    }
    #expect(titles == ["before", "after"])
    let keys = try phone.heldKeys("account/")
    #expect(keys == ["account/0", "account/1"])
    let third = try phone.makeTicket(in: casework, title: "from the phone")
    try world.settle(["client", "phone", "practitioner"])
    let title = try world.practitioner.shownText("ticket", third, "title", in: casework)
    #expect(title == "from the phone")
    try world.expectConverged(["client", "phone", "practitioner"])
  }

  @Test func theOtherDevicesTakeTheNextAccountKey() throws {
    let world = try World(opening: ["client", "tablet", "practitioner"])
    let phone = try world.enrolPhone()
    try phone.sync()
    try revokeTablet(world)
    try world.client.sync()
    try phone.sync()
    let keys = try phone.heldKeys("account/")
    #expect(keys == ["account/0", "account/1"])
    let ticket = try phone.makeTicket(in: world.facts.casework, title: "phone")
    try world.settle(["client", "phone", "practitioner"])
    let title = try world.client.shownText("ticket", ticket, "title", in: world.facts.casework)
    #expect(title == "phone")
  }

  @Test func aDeviceDoesNotTakeItselfOut() throws {
    let world = try World(opening: ["client", "tablet"])
    let client = world.client
    #expect(throws: ReplicaError.self) {
      try client.replica.revokeDevice(client.replica.identity.device, client.network)
    }
    let revoked = try client.replica.devices().compactMap(\.revokedMilliseconds)
    #expect(revoked.isEmpty)
  }

  /// What is shared is shared again for the practitioner's next key.
  @Test func sharesFollowThePersonsKey() throws {
    let world = try World(opening: ["admin", "client", "practitioner"])
    let (client, practitioner) = (world.client, world.practitioner)
    let names = ["admin", "client", "practitioner"]
    let path = "\(world.folder.path)/scan.txt"
    try Data("first".utf8).write(to: URL(filePath: path))
    _ = try client.replica.addToVault([path])
    try client.replica.share(
      "scan.txt", with: practitioner.account, untilMilliseconds: nil, permissions: [])
    let phone = try world.enrolPhone(of: practitioner)
    try world.settle(names + ["phone"])
    let lost = try #require(try phone.replica.sharesReceived().first)
    try practitioner.replica.revokeDevice(phone.replica.identity.device, practitioner.network)
    // Shared before the client knows: refused, because the lost device could open it.
    try Data("second".utf8).write(to: URL(filePath: path))
    _ = try client.replica.addToVault([path])
    let report = try client.sync()
    #expect(report.refused.map(\.refusal.code) == [.recipientsWrong])
    try world.settle(names)

    let shares = try practitioner.replica.sharesReceived()
    let active = shares.filter { $0.status == .active }
    #expect(active.count == 1)
    let share = try #require(active.first)
    #expect(share.id != lost.id)
    var content: [UInt8] = []
    try practitioner.replica.readShared(share) { content += $0 }
    #expect(content == Array("second".utf8))
    let key = try client.replica.chains.accountChain(practitioner.account)?.accountKey
    let records = try client.replica.shares(in: world.facts.engagement)
    #expect(records.filter { !$0.isRevoked }.map(\.accountKey) == [try #require(key)])
    try world.expectConverged(names)
  }

  /// The practitioner's lost device: the team's key and the shares' key are replaced as well.
  @Test func aPractitionersDeviceTakesTheTeamsKeyWithIt() throws {
    let world = try World(opening: ["admin", "client", "practitioner"])
    let (client, practitioner) = (world.client, world.practitioner)
    let phone = try world.enrolPhone(of: practitioner)
    try phone.sync()
    try practitioner.replica.revokeDevice(
      phone.replica.identity.device, practitioner.network)
    try world.settle(["admin", "client", "practitioner"])
    let chain = try #require(try client.replica.chains.teamChain(world.facts.team))
    #expect(chain.keys.count == 2)
    for party in [client, practitioner] {
      let debts = try party.replica.keyDebt()
      #expect(debts == [], "\(party.name)")
      #expect(try party.epochs(world.facts.casework).count == 2)
    }
    let ticket = try practitioner.makeTicket(in: world.facts.casework, title: "again")
    try world.settle(["admin", "client", "practitioner"])
    let title = try client.shownText("ticket", ticket, "title", in: world.facts.casework)
    #expect(title == "again")
    try world.expectConverged(["admin", "client", "practitioner"])
  }
}
