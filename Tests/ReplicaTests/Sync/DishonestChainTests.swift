import Merge
import Signing
import Simulation
import SyncProtocol
import Testing

@testable import Replica
@testable import SpaceStore
@testable import SyncServer

@Suite struct DishonestChainTests {
  private func expectFound(_ party: Party, _ location: SourceLocation = #_sourceLocation) throws {
    let report = try party.sync()
    #expect(report.sawDishonesty, sourceLocation: location)
    #expect(report.problems.count == 1, sourceLocation: location)
    let kinds = try party.evidenceKinds()
    #expect(kinds.count == 1, sourceLocation: location)
    #expect(kinds.allSatisfy { $0.hasPrefix("chain") }, sourceLocation: location)
  }

  private func organisation(_ world: World) -> ChainReference {
    .organisation(world.facts.organisation)
  }

  @Test func aHeadThatIsNotSigned() throws {
    let world = try World(opening: ["practitioner"])
    let stranger = SigningKey(random: SeededRandom(seed: 9))
    world.practitioner.network.forgeChain(organisation(world)) { part in
      ChainPart(
        head: SignedChainHead(
          chain: part.head.chain, point: part.head.point, timeMilliseconds: 1, key: stranger),
        statements: part.statements)
    }
    try expectFound(world.practitioner)
  }

  @Test func aRollback() throws {
    let world = try World(opening: ["practitioner"])
    let forger = try LyingServer(world)
    let chain = organisation(world)
    let earlier = try #require(
      try world.practitioner.replica.chains.statement(chain, at: 1))
    world.practitioner.network.forgeChain(chain) { _ in
      ChainPart(head: forger.sign(chain, earlier.point), statements: [])
    }
    try expectFound(world.practitioner)
    // Told the truth, it goes on.
    world.practitioner.network.reset()
    try world.practitioner.sync()
  }

  /// The same place with another statement, signed by the administrator and by the server.
  @Test(arguments: [true, false])
  func aFork(atAKnownPlace: Bool) throws {
    let world = try World(opening: ["admin", "practitioner"])
    let forger = try LyingServer(world)
    let chain = organisation(world)
    let admin = world.admin.replica
    let length = try admin.chains.length(chain)
    let index = atAKnownPlace ? length - 1 : length
    // What is shown to the practitioner does not rest on what it knows.
    let previous = atAKnownPlace ? try admin.chains.statement(chain, at: index - 1)?.hash : .zero
    let member = OrganisationMember(
      account: world.practitioner.account,
      accountHead: try world.practitioner.replica.ownChain().head, role: .admin, name: "X")
    let forged = SignedStatement(
      Statement(
        subject: .chain(chain), index: index, previous: previous,
        account: admin.identity.account, device: admin.identity.device, timeMilliseconds: 1,
        body: .organisationMember(member)),
      key: try admin.unlockedKeys().identity())
    world.practitioner.network.forgeChain(chain) { _ in
      ChainPart(head: forger.sign(chain, forged.point), statements: [forged])
    }
    try expectFound(world.practitioner)
    let role = try world.practitioner.replica.chains.organisationChain(world.facts.organisation)?
      .members[world.practitioner.account]?.role
    #expect(role == .practitioner)
  }

  /// The operator makes itself an administrator's statement.
  @Test func aForgedStatement() throws {
    let world = try World(opening: ["admin", "practitioner"])
    let forger = try LyingServer(world)
    let chain = organisation(world)
    let admin = world.admin.replica
    let length = try admin.chains.length(chain)
    let last = try #require(try admin.chains.statement(chain, at: length - 1))
    let member = OrganisationMember(
      account: world.practitioner.account,
      accountHead: try world.practitioner.replica.ownChain().head, role: .admin, name: "X")
    let forged = SignedStatement(
      Statement(
        subject: .chain(chain), index: length, previous: last.hash,
        account: admin.identity.account, device: admin.identity.device, timeMilliseconds: 1,
        body: .organisationMember(member)),
      key: forger.keys.identity)
    world.practitioner.network.forgeChain(chain) { _ in
      ChainPart(head: forger.sign(chain, forged.point), statements: [forged])
    }
    try expectFound(world.practitioner)
  }
}
