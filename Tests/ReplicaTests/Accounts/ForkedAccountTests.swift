import Merge
import Signing
import Simulation
import SyncProtocol
import Testing

@testable import Replica
@testable import SpaceStore
@testable import SyncServer

/// Two histories of an account, both signed by the server.
@Suite struct ForkedAccountTests {
  private let world: World
  private let server: LyingServer
  private let phone: Party
  private var practitioner: Party { world.practitioner }
  private var client: Party { world.client }
  private var chain: ChainReference { .account(practitioner.account) }

  init() throws {
    world = try World(opening: ["client", "practitioner"])
    server = try LyingServer(world)
    phone = try world.enrolPhone(of: world.practitioner)
    try world.settle()
  }

  /// What the practitioner's first device might have said in another history.
  private func statement(_ body: StatementBody) throws -> SignedStatement {
    let replica = practitioner.replica
    let head = try replica.ownChain().head
    return SignedStatement(
      Statement(
        subject: .chain(chain), index: head.index + 1, previous: head.hash,
        account: practitioner.account, device: replica.identity.device, timeMilliseconds: 1,
        body: body), key: try replica.unlockedKeys().identity())
  }

  private func revocationOfPhone() throws -> SignedStatement {
    let replica = practitioner.replica
    let key = SigningKey(random: SeededRandom(seed: 5)).publicKey
    return try statement(
      .deviceRevocation(
        DeviceRevocation(
          device: phone.replica.identity.device,
          accountKey: try #require(ExchangePublicKey(key.bytes)), predecessor: .zero,
          wraps: [.init(device: replica.identity.device, hash: .zero)])))
  }

  /// The client sees what is on the practitioner's chain.
  private func look() throws {
    var report = SyncReport()
    let connection = try client.replica.connect(client.network, &report)
    try client.replica.fetchChain(chain, connection)
  }

  private func show(_ hidden: SignedStatement) {
    let before = Result {
      try practitioner.replica.chains.statements(chain).filter {
        $0.statement.index < hidden.statement.index
      }
    }
    client.network.forgeChain(chain) { _ in
      ChainPart(
        head: server.sign(chain, hidden.point), statements: try before.get() + [hidden])
    }
  }

  /// The client is shown a device more, then a history in which another was taken out instead.
  private func fork(_ hidden: SignedStatement) throws {
    _ = try practitioner.makeKit()
    try look()
    show(hidden)
    #expect(throws: ReplicaError.self) { try look() }
    client.network.reset()
  }

  @Test func nothingIsSealedToItUntilTheRemovalStandsInBoth() throws {
    try client.addFile("file.txt", "content", in: world)
    try fork(revocationOfPhone())
    #expect(try client.evidenceKinds().contains { $0.hasPrefix("chain") })
    #expect(try client.replica.isForked(practitioner.account))
    // Shown the first history again, it is still not known whether the phone is in.
    try look()
    #expect(try client.replica.isForked(practitioner.account))
    #expect(throws: ReplicaError.accountForked("practitioner")) {
      try client.replica.accountKey(of: practitioner.account)
    }
    #expect(try client.replica.recipient(practitioner.account) == nil)
    try practitioner.replica.revokeDevice(
      phone.replica.identity.device, practitioner.network)
    try look()
    #expect(try !client.replica.isForked(practitioner.account))
    _ = try client.replica.accountKey(of: practitioner.account)
  }

  @Test func oneThatTakesNothingAwayIsOverWhenTheFirstIsShownAgain() throws {
    let other = NewDevice(practitioner.environment)
    let proof = other.identity.sign(
      other.certificate.proofMessage(for: practitioner.account), .deviceProof)
    try fork(
      statement(
        .deviceAddition(
          DeviceAddition(device: other.certificate, proof: proof, accountKeyWrap: .zero))))
    #expect(try client.replica.isForked(practitioner.account))
    try look()
    #expect(try !client.replica.isForked(practitioner.account))
  }

  /// The account's own device has seen both, and makes up for what one of them lacks.
  @Test func aDeviceOfBothPutsThemTogether() throws {
    let revocation = try revocationOfPhone()
    try fork(revocation)
    // The practitioner is shown the other history too.
    let chain = chain
    let statements = try practitioner.replica.chains.statements(chain)
      .filter { $0.statement.index < revocation.statement.index }
    practitioner.network.forgeChain(chain) { _ in
      ChainPart(
        head: server.sign(chain, revocation.point), statements: statements + [revocation])
    }
    let report = try practitioner.sync()
    #expect(report.sawDishonesty)
    practitioner.network.reset()
    #expect(throws: ReplicaError.self) { try phone.replica.mergeHistories(phone.network) }
    #expect(try practitioner.replica.mergeHistories(practitioner.network) == 1)
    let merged = try practitioner.replica.ownChain()
    #expect(merged.isRevoked(phone.replica.identity.device))
    #expect(merged.merges.map(\.abandoned) == [revocation.point])
    #expect(try !practitioner.replica.isForked(practitioner.account))
    try look()
    #expect(try !client.replica.isForked(practitioner.account))
    // Once is enough.
    #expect(throws: ReplicaError.self) {
      try practitioner.replica.mergeHistories(practitioner.network)
    }
    #expect(try practitioner.sync().problems == [])
  }

  /// The server was restored without a removal, and another device wrote on before it came back.
  @Test func whoHoldsTheAbandonedHistoryFollows() throws {
    let world = try World(opening: ["client", "tablet", "practitioner"])
    let (client, practitioner) = (world.client, world.practitioner)
    let phone = try world.enrolPhone()
    try world.settle()
    try world.backUpServer()
    try client.replica.revokeDevice(world.tablet.replica.identity.device, client.network)
    try client.sync()
    try practitioner.sync()
    world.clock.advance(milliseconds: 60_000)
    try world.restoreServer(.byCommand)
    // The others were not waited for.
    var options = World.serverOptions
    options.settlingMilliseconds = 0
    try world.restartServer(options)
    _ = try phone.makeKit()
    let reference = ChainReference.account(client.account)
    let lost = try #require(try client.replica.chains.signedHead(reference))

    var report = try client.sync()
    #expect(report.sawDishonesty)
    #expect(try client.replica.mergeHistories(client.network) == 1)
    let chain = try client.replica.ownChain()
    #expect(chain.isRevoked(world.tablet.replica.identity.device))
    #expect(chain.countingKit != nil)
    #expect(chain.merges.map(\.abandoned) == [lost.point])
    // The practitioner held what was lost, and takes the device's word.
    let connection = try practitioner.replica.connect(practitioner.network, &report)
    try practitioner.replica.fetchChain(reference, connection)
    #expect(try practitioner.replica.chains.accountChain(client.account) == chain)
    #expect(try !practitioner.replica.isForked(client.account))
    try phone.sync()
    #expect(try phone.replica.ownChain() == chain)
  }

  /// Nobody of the account has said it: the server lies, and stops nothing by it.
  @Test func aForgedHistoryIsNone() throws {
    let revocation = try revocationOfPhone()
    let forged = SignedStatement(revocation.statement, key: server.keys.identity)
    try fork(forged)
    #expect(try !client.replica.isForked(practitioner.account))
  }
}
