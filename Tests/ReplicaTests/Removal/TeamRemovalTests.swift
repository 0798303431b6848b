import Merge
import Signing
import Simulation
import SyncProtocol
import Testing

@testable import Replica
@testable import SpaceStore

@Suite struct TeamRemovalTests {
  private enum Remover: CaseIterable {
    case admin, member, themselves
  }

  @Test(arguments: Remover.allCases)
  private func aRemovedMemberReadsNothingNew(by remover: Remover) throws {
    let world = try World(opening: ["admin", "client", "practitioner"])
    let second = try world.joinTeam()
    let (client, casework, team) = (world.client, world.facts.casework, world.facts.team)
    let before = try client.makeTicket(in: casework, title: "before")
    try client.sync()
    try second.sync()
    let title = try second.shownText("ticket", before, "title", in: casework)
    #expect(title == "before")
    let oldKeys = try second.keptKeys(of: casework)

    let party =
      switch remover {
      case .admin: world.admin
      case .member: world.practitioner
      case .themselves: second
      }
    try party.replica.remove(second.account, from: team, party.network)
    try world.settle(["admin", "client", "practitioner"])
    let ticket = try client.makeTicket(in: casework, title: "after")
    try world.settle(["admin", "client", "practitioner"])
    let shown = try world.practitioner.shownText("ticket", ticket, "title", in: casework)
    #expect(shown == "after")
    let epoch = try client.sealingEpoch("ticket", ticket, "title", in: casework)
    #expect(!oldKeys.contains(try #require(epoch)))

    let report = try second.sync()
    #expect(report.left[casework] == .removed)
    #expect(report.left[.team(team)] == .removed)
    let held = try ["epoch/\(casework.hex)/", "team/"].flatMap { try second.heldKeys($0) }
    #expect(held.isEmpty)
    let isShown = try second.isShown("ticket", before, in: casework)
    #expect(!isShown)
    let debts = try [client, world.practitioner].flatMap { try $0.replica.keyDebt() }
    #expect(debts == [])
    try world.expectConverged(["admin", "client", "practitioner"])
  }

  @Test func whatTheyWroteOfflineIsRefusedAndKept() throws {
    let world = try World(opening: ["admin", "client", "practitioner"])
    let second = try world.joinTeam()
    let casework = world.facts.casework
    let ticket = second.newRecordID()
    let written = try second.write(
      .create, "ticket", ticket, [.init("kind", .text("bug")), .init("title", .text("late"))],
      in: casework)
    try world.admin.replica.remove(second.account, from: world.facts.team, world.admin.network)
    try world.settle(["admin", "client", "practitioner"])
    try second.sync()
    let codes = try second.rejectedRefusals().map(\.code)
    #expect(codes == [.notMember])
    try world.expectAccounted([written])
    try second.sync()
    let unsent = try second.unsentCount()
    #expect(unsent == 0)
  }

  @Test func whoIsLetInAgainReadsAllOfIt() throws {
    let world = try World(opening: ["admin", "client", "practitioner"])
    let second = try world.joinTeam()
    let (client, practitioner, casework) = (world.client, world.practitioner, world.facts.casework)
    let names = ["admin", "client", "practitioner"]
    let first = try second.makeTicket(in: casework, title: "first")
    try second.sync()
    try world.admin.replica.remove(second.account, from: world.facts.team, world.admin.network)
    try world.settle(names)
    try second.sync()
    let away = try client.makeTicket(in: casework, title: "away")
    try world.settle(names)
    try world.admin.replica.propose(second.account, for: world.facts.team, world.admin.network)
    try practitioner.replica.admit(second.account, to: world.facts.team, practitioner.network)
    try world.settle(names + ["second"])
    let titles = try [first, away].map {
      try second.shownText("ticket", $0, "title", in: casework)
    }
    #expect(titles == ["first", "away"])
    let back = try second.makeTicket(in: casework, title: "back")
    try world.settle(names + ["second"])
    let title = try client.shownText("ticket", back, "title", in: casework)
    #expect(title == "back")
    try world.expectConverged(names + ["second"])
  }

  /// Only administrators and members: nobody else takes people out.
  @Test func aClientTakesNobodyOut() throws {
    let world = try World(opening: ["admin", "client", "practitioner"])
    #expect(throws: ReplicaError.self) {
      try world.client.replica.remove(
        world.practitioner.account, from: world.facts.team, world.client.network)
    }
  }

  /// The only member goes: the team's spaces wait for somebody new, who begins with another key.
  @Test func aTeamThatLostAllMembersBeginsAnew() throws {
    let world = try World(opening: ["admin", "client", "practitioner"])
    let (admin, client, casework) = (world.admin, world.client, world.facts.casework)
    let old = try client.makeTicket(in: casework, title: "old")
    try world.settle(["admin", "client", "practitioner"])
    let second = try world.joinSecond()
    try admin.replica.remove(
      world.practitioner.account, from: world.facts.team, admin.network)
    try world.settle(["admin", "client", "practitioner"])
    let debts = try client.replica.keyDebt()
    #expect(debts == [KeyDebt(subject: .space(casework, .casework), isOwn: false)])
    try second.sync()
    try admin.replica.propose(second.account, for: world.facts.team, admin.network)
    try second.replica.startTeam(world.facts.team, second.network)
    try world.settle(["admin", "client", "second"])
    let paid = try client.replica.keyDebt()
    #expect(paid == [])
    let title = try second.shownText("ticket", old, "title", in: casework)
    #expect(title == "old")
    try world.expectConverged(["admin", "client", "second"])
  }
}
