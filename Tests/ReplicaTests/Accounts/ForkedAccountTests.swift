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

  /// Nobody of the account has said it: the server lies, and stops nothing by it.
  @Test func aForgedHistoryIsNone() throws {
    let revocation = try revocationOfPhone()
    let forged = SignedStatement(revocation.statement, key: server.keys.identity)
    try fork(forged)
    #expect(try !client.replica.isForked(practitioner.account))
  }
}
