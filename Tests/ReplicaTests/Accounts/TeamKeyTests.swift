import Merge
import Simulation
import SyncProtocol
import Testing

@testable import Replica

@Suite struct TeamKeyTests {
  /// Two start a team, and only one of them arrives; the other is let in and works with its key.
  @Test func aTeamThatSomebodyElseStarted() throws {
    let world = try World(opening: ["admin", "practitioner", "client"])
    let (admin, first, second) = (world.admin, world.practitioner, world.makeParty("second"))
    let invitation = try admin.replica.invite(
      role: .practitioner, name: "Second", admin.network)
    let home = try Home.create(at: second.homePath)
    let replica = try second.withPassword { password in
      try Replica.register(
        home: home, password: password, invitation: invitation, name: "Second", url: "test:",
        transport: second.network, environment: second.environment)
    }
    try second.adopt(replica)
    try admin.sync()
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
}
