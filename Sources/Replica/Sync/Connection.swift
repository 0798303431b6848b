import Merge
import Signing
import SyncProtocol

/// Requests to one server: typed messages, and a session where one is needed.
public final class Connection {
  private let transport: any Transport
  /// Gets what only a dishonest server explains, and a word for what it is.
  private let keepEvidence: (_ bytes: [UInt8], _ kind: String) throws -> Void
  private var token: String?
  /// Whether this sync has compared its logs with the server's.
  var hasCompared = false
  /// Where the account's feed and its other news stood when all before was taken in.
  struct FeedPlace {
    var position: UInt64
    let news: UInt64?
    let organisation: OrganisationID?
  }

  /// `nil` until all was taken in.
  var feed: FeedPlace?

  /// - Parameter keepEvidence: nothing is kept before there is a home to keep it in.
  public init(
    _ transport: any Transport,
    keepEvidence: @escaping (_ bytes: [UInt8], _ kind: String) throws -> Void = { _, _ in }
  ) {
    self.transport = transport
    self.keepEvidence = keepEvidence
  }

  /// Sends bytes and gives the answer's.
  ///
  /// - Throws: ``ReplicaError/notReachable(_:)``, ``ReplicaError/server(_:)``.
  func send(
    _ method: Request.Method, _ path: String, _ body: [UInt8] = [], holdMilliseconds: UInt64 = 0
  ) throws -> [UInt8] {
    let request = Request(
      method, path, token: token, body: body, holdMilliseconds: holdMilliseconds)
    switch try answer(to: request) {
    case .success(let bytes): return bytes
    case .failure(let code): throw ReplicaError.server(code)
    }
  }

  /// A request of several that are sent at once.
  struct Message {
    let method: Request.Method
    let path: String
    let body: [UInt8]

    init(_ method: Request.Method, _ path: String, _ body: [UInt8] = []) {
      self.method = method
      self.path = path
      self.body = body
    }
  }

  /// Requests that are sent at once: enough that hashing here and there, and the network, overlap; few
  /// enough for a small memory.
  static var requestCountMax: Int { 4 }

  /// Sends several requests, and gives the answers in their order; none after a failed one.
  func send(_ messages: [Message]) -> [Result<[UInt8], ReplicaError>] {
    let requests = messages.map { Request($0.method, $0.path, token: token, body: $0.body) }
    let answers = transport.send(requests)
    return answers.map { answer in
      switch answer {
      case .success(.success(let bytes)): .success(bytes)
      case .success(.failure(let code)): .failure(.server(code))
      case .failure(let error): .failure(ReplicaError(error))
      }
    }
  }

  private func answer(to request: Request) throws(ReplicaError) -> Response {
    do throws(TransportError) {
      return try transport.send(request)
    } catch {
      throw ReplicaError(error)
    }
  }

  func call<Message: WireCodable, Answer: WireCodable>(
    _ path: String, _ message: Message, _ answer: Answer.Type = Answer.self,
    holdMilliseconds: UInt64 = 0
  ) throws -> Answer {
    try decoded(
      Answer.self, send(.post, path, message.encoded, holdMilliseconds: holdMilliseconds), path)
  }

  /// Reads an answer; one that cannot be read is evidence.
  func decoded<Answer: WireCodable>(
    _ type: Answer.Type, _ bytes: [UInt8], _ path: String
  ) throws -> Answer {
    do {
      return try Answer(decoding: bytes)
    } catch {
      try keepEvidence(bytes, "answer to \(path): \(error)")
      throw ReplicaError.dishonest("the server's answer cannot be read")
    }
  }

  /// Asks who the server is, and checks that it is the one that was meant.
  ///
  /// - Parameter known: the certificate that was checked before, and is not checked again.
  func info(
    expecting server: SigningPublicKey, known: ServerCertificate? = nil
  ) throws -> ServerInfo {
    let bytes = try send(.get, Path.info)
    guard let info = Self.decoded(ServerInfo.self, bytes) else {
      throw ReplicaError.notReachable("what answers there is not a Satchel server")
    }
    guard info.certificate.identity == server,
      info.certificate == known || info.certificate.isValid
    else {
      throw ReplicaError.otherServer
    }
    return info
  }

  private static func decoded<Object: WireCodable>(
    _ type: Object.Type, _ bytes: [UInt8]
  ) -> Object? {
    do { return try Object(decoding: bytes) } catch { return nil }
  }

  /// Opens a session with a signed challenge.
  ///
  /// - Parameters:
  ///   - key: the identity key for a full session, the transport key for one that only pulls.
  ///   - onTime: gets the server's time, milliseconds since 1970.
  func openSession(
    _ identity: Replica.Identity, scope: SessionScope, key: SigningKey,
    onTime: (UInt64) throws -> Void
  ) throws {
    let challenge = try call(
      Path.challenge, ChallengeRequest(account: identity.account, device: identity.device),
      Challenge.self)
    let message = SessionRequest.message(
      server: identity.server, account: identity.account, device: identity.device, scope: scope,
      nonce: challenge.nonce)
    let grant = try call(
      Path.session,
      SessionRequest(
        account: identity.account, device: identity.device, scope: scope,
        nonce: challenge.nonce, signature: key.sign(message, .session)),
      SessionGrant.self)
    token = grant.token
    try onTime(grant.timeMilliseconds)
  }
}

extension ReplicaError {
  init(_ error: TransportError) {
    switch error {
    case .notReachable(let reason), .notTrusted(let reason): self = .notReachable(reason)
    case .timedOut: self = .notReachable("the server did not answer in time")
    case .notSatchel: self = .notReachable("what answers there is not a Satchel server")
    }
  }
}
