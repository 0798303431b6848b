import Merge
import Signing
import Simulation
import SyncProtocol
import Testing

@testable import Replica

@Suite struct TeamKeyTests {
  /// Two start a team, and only one of them arrives; the other is let in and works with its key.
  @Test func aTeamThatSomebodyElseStarted() throws {
    let world = try World(opening: ["admin", "practitioner", "client"])
    let (admin, first, second) = (world.admin, world.practitioner, try world.joinSecond())
    let team = try admin.replica.createTeam(name: "Night", admin.network)
    for party in [first, second] {
      try party.sync()
      try admin.replica.propose(party.account, for: team, admin.network)
    }
    second.network.fault = { _, request in
      request.path == Path.chainAppend ? .loseRequest : .none
    }
    #expect(throws: ReplicaError.self) { try second.replica.startTeam(team, second.network) }
    second.network.reset()
    try first.replica.startTeam(team, first.network)
    try first.replica.admit(second.account, to: team, first.network)
    let casework = try admin.replica.openCasework(
      client: world.client.account, team: team, admin.network)
    try world.settle(["client", "practitioner", "second"])
    let ticket = try second.makeTicket(in: casework, title: "from the second")
    try world.settle(["client", "practitioner", "second"])
    for party in [world.client, first] {
      let title = try party.shownText("ticket", ticket, "title", in: casework)
      #expect(title == "from the second")
    }
    try world.expectConverged(["client", "practitioner", "second"])
  }

  /// A member lets somebody in with bytes that are no key; all else of their sync goes on.
  @Test func aTeamKeyThatIsNone() throws {
    let world = try World(opening: ["admin", "practitioner"])
    let (admin, first, second) = (world.admin, world.practitioner, try world.joinSecond())
    let team = try admin.replica.createTeam(name: "Night", admin.network)
    for party in [first, second] {
      try party.sync()
      try admin.replica.propose(party.account, for: team, admin.network)
    }
    try first.replica.startTeam(team, first.network)
    var report = SyncReport()
    let connection = try first.replica.connect(first.network, &report)
    let head = try #require(try first.replica.chains.teamChain(team)?.proposals[second.account])
    let garbage = [UInt8](repeating: 7, count: 80)
    let admission = TeamAdmission(
      account: second.account, accountHead: head, wrap: Hasher256.content(garbage))
    try first.replica.append(
      .teamAdmission(admission), to: .team(team), wraps: [garbage], connection)
    for _ in 0..<2 {
      let report = try second.sync()
      #expect(report.problems.count == 1)
      #expect(report.sawDishonesty)
    }
  }
}
