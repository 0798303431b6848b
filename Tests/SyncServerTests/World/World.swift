import CBOR
import Merge
import Sealing
import Signing
import SyncProtocol

@testable import SyncServer

/// A server, and people who come to it one after another.
final class World {
  let time: VirtualTime
  private(set) var server: SyncServer
  let invitation: Invitation

  init(seed: UInt64 = 1, options: SyncServer.Options = .init()) throws {
    time = VirtualTime(seed: seed)
    (server, invitation) = try SyncServer.inMemory(environment: time.environment, options: options)
  }

  /// A world around a server that a test has made.
  init(server: SyncServer, time: VirtualTime) throws {
    self.server = server
    self.time = time
    invitation = try server.inviteFirstAdministrator()
  }

  /// A world around a server in a directory.
  init(directory: String, seed: UInt64 = 1) throws {
    time = VirtualTime(seed: seed)
    invitation = try SyncServer.initialize(directory: directory, environment: time.environment)
    server = try SyncServer(directory: directory, environment: time.environment)
  }

  /// Ends the server and starts it anew from its directory.
  func restart(directory: String) throws {
    try server.close()
    // The lock goes with the server that holds it.
    (server, _) = try SyncServer.inMemory(environment: time.environment)
    server = try SyncServer(directory: directory, environment: time.environment)
  }

  func send(_ request: Request) throws -> [UInt8] {
    switch server.handle(request) {
    case .success(let bytes): return bytes
    case .failure(let code): throw code
    }
  }

  // MARK: What tests look up without asking

  func head(_ chain: ChainReference) throws -> ChainPoint {
    let point = try server.inspect { try $0.chains.point(chain) }
    guard let point else { throw ErrorCode.notFound }
    return point
  }

  func position(_ space: SpaceID) throws -> Position {
    try server.inspect { try $0.openedState(space)?.position ?? .zero }
  }

  func state(_ space: SpaceID) throws -> SpaceState {
    try server.inspect { try $0.store.state(space) }
  }

  func member(_ account: AccountID, _ role: Role) throws -> SpaceOpening.Member {
    SpaceOpening.Member(account: account, role: role, accountHead: try head(.account(account)))
  }

  // MARK: Joining

  /// The request that makes an account with a first device.
  func accountRequest(
    _ device: TestDevice, _ invitation: Invitation, role: Role? = nil
  ) throws -> AccountRequest {
    let accountKey = ExchangeKey(random: time)
    let wrap = try accountKey.withSecret {
      try SealedBox.seal($0, to: device.exchange.publicKey, random: time)
    }
    let creation = AccountCreation(
      accountKey: accountKey.publicKey, device: device.certificate,
      accountKeyWrap: Hasher256.content(wrap))
    let signed = SignedStatement(
      Statement(
        subject: .newChain, index: 0, previous: nil, account: nil, device: device.id,
        timeMilliseconds: time.now, body: .accountCreation(creation)),
      key: device.identity)
    let account = AccountID(signed.hash)
    return AccountRequest(
      creation: signed, accountKeyWrap: wrap, invitation: invitation.lookup,
      role: role ?? invitation.role,
      acceptance: invitation.acceptance(account: account, head: signed.point))
  }

  /// Makes an account and opens a session.
  func join(_ invitation: Invitation) throws -> TestDevice {
    let device = TestDevice(self)
    let request = try accountRequest(device, invitation)
    let head = try device.call(Path.accounts, request, SignedChainHead.self)
    device.account = AccountID(head.point.hash)
    return try device.logIn()
  }

  /// Makes an invitation's secret and tells the server its hash.
  func invite(
    _ role: Role, by inviter: TestDevice, _ organisation: OrganisationID?
  ) throws -> Invitation {
    let invitation = Invitation(
      server: server.certificate.identity, organisation: organisation, inviter: inviter.account,
      role: role, expiresMilliseconds: time.now + Invitation.lifetimeMilliseconds(role),
      secret: SharedSecret(random: time))
    try inviter.post(
      Path.invitations,
      InvitationRequest(
        lookup: invitation.lookup, role: role, organisation: organisation,
        expiresMilliseconds: invitation.expiresMilliseconds))
    return invitation
  }

  /// Adds a further device to an account, and opens a session with it.
  func addDevice(to first: TestDevice) throws -> TestDevice {
    let device = TestDevice(self, account: first.account)
    let wrap = time.bytes(80)
    let proof = device.identity.sign(
      device.certificate.proofMessage(for: first.account), .deviceProof)
    try first.append(
      .deviceAddition(
        DeviceAddition(
          device: device.certificate, proof: proof, accountKeyWrap: Hasher256.content(wrap))),
      to: .account(first.account), wraps: [wrap])
    return try device.logIn()
  }

  /// Takes a device out, with wraps for exactly those who stay.
  @discardableResult
  func revoke(_ device: TestDevice, by author: TestDevice) throws -> [[UInt8]] {
    let chain = try server.inspect { try $0.chains.accountChain(author.account) }
    guard let chain else { throw ErrorCode.notFound }
    let staying = chain.presentDevices.map(\.certificate.device).filter { $0 != device.id }
    let wraps = staying.map { _ in time.bytes(80) }
    let predecessor = time.bytes(80)
    let body = DeviceRevocation(
      device: device.id, accountKey: ExchangeKey(random: time).publicKey,
      predecessor: Hasher256.content(predecessor),
      wraps: zip(staying, wraps).map {
        DeviceRevocation.Wrap(device: $0, hash: Hasher256.content($1))
      })
    try author.append(
      .deviceRevocation(body), to: .account(author.account), wraps: wraps + [predecessor])
    return wraps + [predecessor]
  }
}
