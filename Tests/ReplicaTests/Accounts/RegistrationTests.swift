import Merge
import Signing
import Simulation
import SyncProtocol
import Testing

@testable import Replica
@testable import SyncServer

@Suite struct RegistrationTests {
  private func register(_ party: Party, _ invitation: Invitation) throws {
    let home = try Home.create(at: party.homePath)
    let replica = try party.withPassword { password in
      try Replica.register(
        home: home, password: password, invitation: invitation, name: party.name,
        url: "test:", transport: party.network, environment: party.environment)
    }
    try party.adopt(replica)
  }

  /// Opens what a cut-off registration has left.
  private func openAgain(_ party: Party) throws {
    let replica = try Replica.open(
      Home.open(at: party.homePath), environment: party.environment)
    try party.withPassword { try replica.unlock(password: $0) }
    try party.adopt(replica)
  }

  @Test(arguments: [Network.Fault.loseRequest, .loseResponse])
  func aRegistrationThatIsCutOffIsFinishedByTheNextSync(_ fault: Network.Fault) throws {
    let world = try World(opening: ["admin"])
    let invitation = try world.admin.replica.invite(
      role: .client, name: "Newcomer", world.admin.network)
    let party = world.makeParty("newcomer")
    party.network.fault = { _, request in request.path == Path.accounts ? fault : .none }
    #expect(throws: ReplicaError.self) { try register(party, invitation) }
    party.network.reset()
    try openAgain(party)
    try party.sync()
    let report = try world.admin.sync()
    #expect(report.news.count == 1)
    let known = try world.admin.replica.person(named: "Newcomer")
    #expect(known == party.account)
    try world.settle(["admin", "newcomer"])
    try world.expectConverged(["admin", "newcomer"])
  }

  /// A chain that is longer than one answer comes in several.
  @Test func aLongChainComesInParts() throws {
    let world = try World(opening: ["admin"])
    let invitation = try world.admin.replica.invite(
      role: .client, name: "Newcomer", world.admin.network)
    let party = world.makeParty("newcomer")
    try register(party, invitation)
    let chain = ChainReference.organisation(world.facts.organisation)
    party.network.forgeChain(chain) { part in
      ChainPart(head: part.head, statements: Array(part.statements.prefix(1)))
    }
    try party.sync()
    let length = try party.replica.chains.length(chain)
    #expect(length == (try world.admin.replica.chains.length(chain)))
    #expect(length > 3)
  }

  @Test func anInvitationIsGoodOnce() throws {
    let world = try World(opening: ["admin"])
    let invitation = try world.admin.replica.invite(
      role: .client, name: "One", world.admin.network)
    let (first, second) = (world.makeParty("first"), world.makeParty("second"))
    try register(first, invitation)
    #expect(throws: ReplicaError.server(.invitationUsed)) { try register(second, invitation) }
  }

  @Test func anotherServerIsNotJoined() throws {
    let world = try World(opening: ["admin"])
    let invitation = try world.admin.replica.invite(
      role: .client, name: "One", world.admin.network)
    let clock = world.clock
    let other = try SyncServer.inMemory(
      environment: Environment(
        nowMilliseconds: { clock.now }, random: SeededRandom(seed: 77))
    ).server
    let party = world.makeParty("newcomer")
    party.network.server = other
    #expect(throws: ReplicaError.otherServer) { try register(party, invitation) }
    world.admin.network.server = other
    #expect(throws: ReplicaError.otherServer) { try world.admin.sync() }
  }

  @Test func anExpiredInvitationIsNotTried() throws {
    let world = try World(opening: ["admin"])
    let invitation = try world.admin.replica.invite(
      role: .client, name: "One", world.admin.network)
    world.clock.advance(milliseconds: 8 * 24 * 60 * 60 * 1000)
    let party = world.makeParty("late")
    #expect(throws: ReplicaError.invitationExpired) { try register(party, invitation) }
    #expect(party.network.requests.isEmpty)
  }

  /// The server, which knows no secret, puts in an account of its own.
  @Test func aForgedAcceptanceBindsNobody() throws {
    let world = try World(opening: ["admin", "client"])
    let admin = world.admin
    _ = try admin.replica.invite(role: .client, name: "Awaited", admin.network)
    let stranger = world.client.account
    let head = try world.client.replica.ownChain().head
    admin.network.alter = { request, response in
      guard request.path == Path.invitationList else { return response }
      return Self.forge(response, stranger, head)
    }
    let report = try admin.sync()
    #expect(report.problems.count == 1)
    #expect(report.news.isEmpty)
    let kinds = try admin.evidenceKinds()
    #expect(kinds == ["invitation used without its secret"])
    admin.network.reset()
    let again = try admin.sync()
    #expect(again.problems.isEmpty)
    let stages = try admin.replica.invitations(admin.network).map(\.stage)
    #expect(stages.last == .pending || stages.last == .forged)
    #expect(throws: ReplicaError.notFound("person called Awaited")) {
      try admin.replica.person(named: "Awaited")
    }
  }

  /// What the server answers where it claims that the last invitation was used.
  private static func forge(
    _ response: Response, _ account: AccountID, _ head: ChainPoint
  ) -> Response {
    guard case .success(let bytes) = response else { return response }
    do {
      let list = try InvitationList(decoding: bytes)
      let forged = list.invitations.map { state in
        let acceptance = InvitationAcceptance(account: account, accountHead: head, mac: .zero)
        return InvitationState(
          lookup: state.lookup, role: state.role,
          expiresMilliseconds: state.expiresMilliseconds,
          acceptance: state.acceptance ?? acceptance)
      }
      return .success(InvitationList(invitations: forged).encoded)
    } catch {
      return response
    }
  }
}
