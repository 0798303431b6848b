import CBOR
import Merge
import Signing
import SyncProtocol
import SyncServer
import Terminal

/// A device that signs by hand, so that many pushes can lie ready before the clock starts: an account
/// with a vault of its own, and folders for it.
final class PushingDevice {
  private let server: SyncServer
  private let environment: Environment
  private let identity: SigningKey
  private let certificate: DeviceCertificate
  private let account: AccountID
  private let vault: SpaceID
  private let replica: ReplicaID
  private var token: String?
  private var point = JournalPoint.start
  private var epochHint: [UInt8] = []
  /// How far the vault's log was seen.
  private var seen = Position.zero

  init(_ invitation: Invitation, _ server: SyncServer, _ environment: Environment) throws {
    self.server = server
    self.environment = environment
    let random = environment.random
    identity = SigningKey(random: random)
    guard let exchange = ExchangePublicKey(random.bytes(32)),
      let accountKey = ExchangePublicKey(random.bytes(32))
    else { throw Failure("no key") }
    certificate = DeviceCertificate(
      identity: identity.publicKey, exchange: exchange,
      transport: SigningKey(random: random).publicKey)
    // What the server cannot open it does not look at.
    let wrap = random.bytes(80)
    let creation = SignedStatement(
      Statement(
        subject: .newChain, index: 0, previous: nil, account: nil, device: certificate.device,
        timeMilliseconds: environment.nowMilliseconds(),
        body: .accountCreation(
          AccountCreation(
            accountKey: accountKey, device: certificate,
            accountKeyWrap: Hasher256.content(wrap)))), key: identity)
    account = AccountID(creation.hash)
    vault = .vault(of: account)
    replica = ReplicaID(device: certificate.device, home: 7)
    _ = try call(
      Path.accounts,
      AccountRequest(
        creation: creation, accountKeyWrap: wrap, invitation: invitation.lookup,
        role: invitation.role,
        acceptance: invitation.acceptance(account: account, head: creation.point)),
      SignedChainHead.self)
    try logIn()
    try openVault()
  }

  // MARK: Requests

  private func send(_ path: String, _ body: [UInt8]) throws -> [UInt8] {
    switch server.handle(Request(.post, path, token: token, body: body)) {
    case .success(let bytes): return bytes
    case .failure(let code): throw code
    }
  }

  private func call<Answer: WireCodable>(
    _ path: String, _ message: some WireCodable, _ answer: Answer.Type
  ) throws -> Answer {
    try Answer(decoding: send(path, message.encoded))
  }

  /// A request for the feed in a session of its own, to be held until there is something.
  func waitingRequest() throws -> Request {
    try logIn()
    let now = try call(
      Path.feed, FeedRequest(after: 0, interest: Self.interest(news: 0, hold: 0)),
      FeedResponse.self)
    let request = FeedRequest(
      after: now.position,
      interest: Self.interest(news: now.news ?? 0, hold: FeedRequest.holdMillisecondsMax))
    return Request(.post, Path.feed, token: token, body: request.encoded)
  }

  private static func interest(news: UInt64, hold: UInt64) -> FeedRequest.Interest {
    FeedRequest.Interest(organisation: nil, news: news, holdMilliseconds: hold)
  }

  private func logIn() throws {
    let challenge = try call(
      Path.challenge, ChallengeRequest(account: account, device: replica.device), Challenge.self)
    let message = SessionRequest.message(
      server: server.certificate.identity, account: account, device: replica.device, scope: .full,
      nonce: challenge.nonce)
    let request = SessionRequest(
      account: account, device: replica.device, scope: .full, nonce: challenge.nonce,
      signature: identity.sign(message, .session))
    token = try call(Path.session, request, SessionGrant.self).token
  }

  private func sign(_ body: StatementBody) -> PushItem {
    .statement(
      SignedStatement(
        Statement(
          subject: .space(vault), index: 0, previous: nil, account: account,
          device: replica.device, timeMilliseconds: environment.nowMilliseconds(), body: body),
        key: identity))
  }

  private func openVault() throws {
    let head = ChainPoint(index: 0, hash: account.digest ?? .zero)
    let opening = sign(
      .spaceOpening(
        SpaceOpening(
          kind: .vault,
          members: [SpaceOpening.Member(account: account, role: .owner, accountHead: head)])))
    let wrap = environment.random.bytes(130)
    _ = try send(Path.wraps, WrapsRequest(space: vault, wraps: [wrap]).encoded)
    guard let recipient = Bytes32(account.bytes) else { throw Failure("no recipient") }
    let epoch = sign(
      .epoch(
        EpochStatement(
          commitment: Hasher256.content(environment.random.bytes(8)),
          wraps: [EpochStatement.Wrap(recipient: recipient, hash: Hasher256.content(wrap))],
          predecessor: nil)))
    if case .statement(let signed) = epoch { epochHint = Array(signed.hash.bytes.prefix(8)) }
    let response = try call(
      Path.push, PushRequest(space: vault, items: [opening, epoch]), PushResponse.self)
    for verdict in response.verdicts {
      guard case .accepted = verdict else { throw Failure("the vault was not opened: \(verdict)") }
    }
    seen = response.last
  }

  // MARK: Pushes

  /// The next push of one commit with one change: a new folder. To be sent in this order.
  func nextPush() -> Request {
    let sealed = [1] + epochHint + environment.random.bytes(24 + 16 + 16)
    let change = RecordChange(
      type: "folder", record: TimeOrderedID.make(RecordID.self, environment), operation: .create,
      writes: [FieldWrite(key: "name", value: .bytes(sealed), sealed: true)])
    let header = CommitHeader(
      time: HybridTime(milliseconds: environment.nowMilliseconds(), counter: 0),
      context: Context(position: seen))
    let commit = EncodedCommit(Commit(header: header, changes: [change]))
    let after = point
    point = after.next(vault, replica, content: commit.contentHash)
    let heads = SeenHeads(
      account: ChainPoint(index: 0, hash: account.digest ?? .zero), incarnation: 0,
      position: .zero, head: .zero, schema: .zero)
    let segment = JournalSegment(
      replica: replica, after: after, commits: [commit],
      signature: JournalSignature(
        space: vault, replica: replica, point: point, seen: heads, key: identity))
    let request = PushRequest(space: vault, items: [.segment(segment)])
    return Request(.post, Path.push, token: token, body: request.encoded)
  }

  /// A figure of pushes that were not accepted would be none.
  static func requireAccepted(_ response: Response) throws {
    guard case .success(let body) = response,
      case .accepted? = try PushResponse(decoding: body).verdicts.first
    else { throw Failure("a push was not accepted: \(response)") }
  }
}
