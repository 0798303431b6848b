import CBOR
import Merge
import Sealing
import Signing
import SyncProtocol

@testable import SyncServer

/// A device as the server sees one: keys, a session, journals. It keeps no state of spaces.
final class TestDevice {
  let world: World
  let identity: SigningKey
  let exchange: ExchangeKey
  let transport: SigningKey
  private(set) var replica: ReplicaID
  var account: AccountID
  var token: String?
  /// The last point of each journal that was signed.
  var journals: [SpaceID: JournalPoint] = [:]

  init(_ world: World, account: AccountID? = nil) {
    self.world = world
    let random = world.time
    identity = SigningKey(random: random)
    exchange = ExchangeKey(random: random)
    transport = SigningKey(random: random)
    replica = ReplicaID(device: DeviceID(identity.publicKey), home: 7)
    self.account = account ?? AccountID(Digest.zero)
  }

  var id: DeviceID { replica.device }

  /// The device goes on under another home id, with nothing in its journals.
  func move(toHome home: UInt64) {
    replica = ReplicaID(device: id, home: home)
    journals = [:]
  }

  var certificate: DeviceCertificate {
    DeviceCertificate(
      identity: identity.publicKey, exchange: exchange.publicKey, transport: transport.publicKey)
  }

  // MARK: Requests

  @discardableResult
  func send(_ method: Request.Method, _ path: String, _ body: [UInt8] = []) throws -> [UInt8] {
    try world.send(Request(method, path, token: token, body: body))
  }

  @discardableResult
  func post(_ path: String, _ message: some WireCodable) throws -> [UInt8] {
    try send(.post, path, message.encoded)
  }

  func call<Answer: WireCodable>(
    _ path: String, _ message: some WireCodable, _ answer: Answer.Type = Answer.self
  ) throws -> Answer {
    try Answer(decoding: post(path, message))
  }

  /// Opens a session.
  @discardableResult
  func logIn(_ scope: SessionScope = .full) throws -> Self {
    let challenge = try call(
      Path.challenge, ChallengeRequest(account: account, device: id), Challenge.self)
    token = try call(Path.session, sessionRequest(challenge.nonce, scope), SessionGrant.self).token
    return self
  }

  func sessionRequest(
    _ nonce: [UInt8], _ scope: SessionScope, key: SigningKey? = nil
  ) -> SessionRequest {
    let message = SessionRequest.message(
      server: world.server.certificate.identity, account: account, device: id, scope: scope,
      nonce: nonce)
    let own = scope == .full ? identity : transport
    return SessionRequest(
      account: account, device: id, scope: scope, nonce: nonce,
      signature: (key ?? own).sign(message, .session))
  }

  // MARK: Statements

  func sign(
    _ body: StatementBody, _ subject: StatementSubject, index: UInt64 = 0,
    previous: Digest? = nil
  ) -> SignedStatement {
    SignedStatement(
      Statement(
        subject: subject, index: index, previous: previous, account: account, device: id,
        timeMilliseconds: world.time.now, body: body),
      key: identity)
  }

  /// Signs the next statement of a chain, as the server knows it, and appends it.
  @discardableResult
  func append(
    _ body: StatementBody, to chain: ChainReference, wraps: [[UInt8]] = []
  ) throws -> SignedStatement {
    let head = try world.head(chain)
    let signed = sign(body, .chain(chain), index: head.index + 1, previous: head.hash)
    try post(
      Path.chainAppend, ChainAppendRequest(chain: chain, statement: signed, wraps: wraps))
    return signed
  }

  @discardableResult
  func start(_ body: StatementBody) throws -> SignedStatement {
    let signed = sign(body, .newChain)
    try post(Path.chainAppend, ChainAppendRequest(chain: nil, statement: signed, wraps: []))
    return signed
  }

  // MARK: Journals

  /// The next commits of the journal in a space, signed together.
  ///
  /// - Parameter seen: how far the log is said to be known; to its end where `nil`.
  func segment(
    _ space: SpaceID, _ commits: [[RecordChange]], seen: Position? = nil,
    time: UInt64? = nil, origin: Origin? = nil
  ) throws -> JournalSegment {
    let position = try seen ?? world.position(space)
    let header = CommitHeader(
      time: HybridTime(milliseconds: time ?? world.time.now, counter: 0),
      context: Context(position: position), origin: origin)
    return segment(
      space, encoded: commits.map { EncodedCommit(Commit(header: header, changes: $0)) })
  }

  /// The same of commits that are encoded already.
  func segment(_ space: SpaceID, encoded: [EncodedCommit]) -> JournalSegment {
    let after = journals[space] ?? .start
    var point = after
    for commit in encoded { point = point.next(space, replica, content: commit.contentHash) }
    journals[space] = point
    let seen = SeenHeads(
      account: ChainPoint(index: 0, hash: account.digest ?? .zero), incarnation: 0, position: .zero,
      head: .zero, schema: .zero)
    return JournalSegment(
      replica: replica, after: after, commits: encoded,
      signature: JournalSignature(
        space: space, replica: replica, point: point, seen: seen, key: identity))
  }

  func push(_ space: SpaceID, _ items: [PushItem]) throws -> [PushVerdict] {
    try call(Path.push, PushRequest(space: space, items: items), PushResponse.self).verdicts
  }

  /// Writes one commit and pushes it.
  @discardableResult
  func write(
    _ space: SpaceID, _ changes: [RecordChange], time: UInt64? = nil, seen: Position? = nil
  ) throws -> PushVerdict {
    let segment = try segment(space, [changes], seen: seen, time: time)
    let verdicts = try push(space, [.segment(segment)])
    return verdicts[0]
  }

  /// The origin of the last commit in a space's journal.
  func lastOrigin(_ space: SpaceID) -> Origin {
    Origin(replica: replica, sequence: journals[space]?.sequence ?? 0)
  }

  // MARK: Objects

  /// Stores wraps for a space and gives their names.
  @discardableResult
  func store(_ wraps: [[UInt8]], for space: SpaceID) throws -> [Digest] {
    try post(Path.wraps, WrapsRequest(space: space, wraps: wraps))
    return wraps.map { Hasher256.content($0) }
  }

  func fetch(_ hashes: [Digest], _ owner: WrapOwner) throws -> [[UInt8]?] {
    try call(
      Path.wrapsFetch, WrapsFetchRequest(owner: owner, hashes: hashes), WrapsFetchResponse.self
    ).wraps
  }

  @discardableResult
  func putBlob(_ bytes: [UInt8], in space: SpaceID? = nil) throws -> Digest {
    let hash = Hasher256.content(bytes)
    try send(.put, Path.blob(space: (space ?? vault).hex, hash: hash.hex), bytes)
    return hash
  }

  var vault: SpaceID { .vault(of: account) }
}
