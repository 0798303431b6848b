import SyncProtocol

extension ServerCore {
  /// Answers a request, but for those that move a blob's bytes.
  func answer(_ request: Request, _ endpoint: Endpoint) throws -> [UInt8] {
    guard !isClosed else { throw ErrorCode.serverFault }
    guard endpoint.scope == nil else {
      return try answer(request, endpoint, authorise(request.token, endpoint))
    }
    switch endpoint {
    case .info: return try info()
    case .challenge: return try challenge(request.message())
    case .session: return try openSession(request.message())
    case .accounts: return try createAccount(request.message())
    case .enrolments: return try requestEnrolment(request.message())
    case .enrolmentResult: return try enrolmentResult(request.message())
    case .chainRestore: return try restoreChain(request.message())
    default: throw ErrorCode.notFound
    }
  }

  private func answer(
    _ request: Request, _ endpoint: Endpoint, _ session: Session
  ) throws -> [UInt8] {
    switch endpoint {
    case .sessionEnd: return endSessions(of: session)
    case .chains: return try readChains(request.message(), session)
    case .chainAppend: return try appendToChain(request.message(), session)
    case .invitations: return try invite(request.message(), session)
    case .invitationList: return try invitations(of: session)
    case .enrolmentList: return try enrolments(of: session)
    case .enrolmentAnswer: return try answerEnrolment(request.message(), session)
    case .enrolmentApprove: return try approveEnrolment(request.message(), session)
    case .wraps: return try storeWraps(request.message(), session)
    case .wrapsFetch: return try fetchWraps(request.message(), session)
    case .blobsMissing: return try missingBlobs(request.message(), session)
    case .feed: return try feed(request.message(), session).encoded
    case .pull: return try pull(request.message(), session)
    case .journal: return try journalPoint(request.message(), session)
    case .purged: return try takePurgeReport(request.message(), session)
    case .receipts: return try receipts(request.message(), session)
    case .digest: return try digest(request.message(), session)
    case .heads: return try compareHeads(request.message(), session)
    case .recover: return try recover(request.message(), session)
    default: throw ErrorCode.notFound
    }
  }

  /// The session of a token that allows what the endpoint needs.
  func authorise(_ token: String?, _ endpoint: Endpoint) throws -> Session {
    guard let token else { throw ErrorCode.sessionMissing }
    guard let session = sessions.session(token, now: now) else { throw ErrorCode.sessionExpired }
    guard session.scope == .full || endpoint.scope == .pull else { throw ErrorCode.notAllowed }
    if try isRevoked(session), !Self.isForRevoked(endpoint) { throw ErrorCode.deviceRevoked }
    if try isKit(session), !endpoint.isForKits { throw ErrorCode.notAllowed }
    return session
  }

  /// A device that was taken out may learn why, hand back what this server has lost, and report what it
  /// purged.
  private static func isForRevoked(_ endpoint: Endpoint) -> Bool {
    switch endpoint {
    case .chains, .heads, .recover, .purged: true
    default: false
    }
  }

  /// Whether the device was taken out of its account, before or after the session began.
  func isRevoked(_ session: Session) throws -> Bool {
    try chains.accountChain(session.account)?.isRevoked(session.device) ?? false
  }

  /// Whether somebody asks with a recovery kit.
  func isKit(_ session: Session) throws -> Bool {
    try chains.accountChain(session.account)?.devices[session.device]?.isKit ?? false
  }

  private func info() throws -> [UInt8] {
    ServerInfo(
      versions: [1], certificate: keys.certificate, timeMilliseconds: now,
      incarnation: try incarnation()
    ).encoded
  }
}
