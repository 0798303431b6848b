import Merge
import Signing
import SyncProtocol

extension ServerCore {
  /// Statements in one answer, in bytes; a part that was cut short ends before its head.
  private static var chainByteCountMax: Int { 4 << 20 }

  /// Any session may read any chain: their ids are hashes, and whoever knows one has met its owner.
  ///
  /// A device that was taken out reads its account's: there stands why it may no more.
  func readChains(_ request: ChainRequest, _ session: Session) throws -> [UInt8] {
    if try isRevoked(session) {
      let own = ChainReference.account(session.account)
      guard request.parts.allSatisfy({ $0.chain == own }) else { throw ErrorCode.deviceRevoked }
    }
    var left = Self.chainByteCountMax
    var parts: [ChainPart] = []
    for wanted in request.parts where left > 0 {
      guard let part = try chainPart(wanted.chain, from: wanted.from, byteCountMax: left) else {
        continue
      }
      left -= part.statements.reduce(0) { $0 + $1.payload.count + Signature.byteCount }
      parts.append(part)
    }
    return ChainResponse(parts: parts).encoded
  }

  func chainPart(
    _ chain: ChainReference, from index: UInt64, byteCountMax: Int = ServerCore.chainByteCountMax
  ) throws -> ChainPart? {
    guard let head = try signedHead(chain) else { return nil }
    return ChainPart(
      head: head,
      statements: try chains.statements(chain, from: index, byteCountMax: byteCountMax))
  }

  /// Appends a statement, or starts an organisation or team. The same statement again is answered as
  /// the first time.
  func appendToChain(_ request: ChainAppendRequest, _ session: Session) throws -> [UInt8] {
    let signed = request.statement
    guard signed.statement.account == session.account,
      try chains.accountChain(session.account)?.isRevoked(signed.statement.device) == false
    else { throw ErrorCode.notAllowed }
    try checkWraps(request)
    try checkAccountHeads(signed)
    try checkTeam(signed)
    var erased: [BlobName] = []
    let chain = try transaction {
      let chain = try place(signed, request.chain, session)
      if case .accountDeletion = signed.statement.body {
        erased = try ErasedObjects(core: self).erase(session.account)
      }
      let wraps = WrapTable(database: database)
      for wrap in request.wraps {
        try wraps.store(wrap, .chain(chain), by: session.account, isNamed: true, now: now)
      }
      switch chain {
      case .account(let account): try bringAccount(account)
      case .team(let team): try bringTeam(team)
      case .organisation(let organisation):
        if case .organisationType = signed.statement.body {
          try bringOrganisation(organisation)
        }
      }
      return chain
    }
    if case .accountDeletion = signed.statement.body {
      _ = try database.checkpoint()
      try removeErased(erased)
    }
    guard let head = try signedHead(chain) else { throw ErrorCode.serverFault }
    return head.encoded
  }

  private func place(
    _ signed: SignedStatement, _ chain: ChainReference?, _ session: Session
  ) throws -> ChainReference {
    guard let chain else {
      let first = try firstStatementChain(signed, session)
      if try chains.point(first) == nil {
        _ = try chains.start(signed)
        try noteSettled(first)
      }
      return first
    }
    if case .account(let account) = chain, account != session.account {
      throw ErrorCode.notAllowed
    }
    let known = try chains.statement(chain, at: signed.statement.index)
    if known?.hash == signed.hash { return chain }
    guard try !isUnsettled(chain) else { throw ErrorCode.chainUnsettled }
    try chains.append(signed, to: chain)
    return chain
  }

  /// Organisations are founded by those who were invited as administrators; a team is made by an
  /// administrator of its organisation, which its reducer checks.
  private func firstStatementChain(
    _ signed: SignedStatement, _ session: Session
  ) throws -> ChainReference {
    switch signed.statement.body {
    case .organisationCreation:
      guard try role(of: session.account) == .admin else { throw ErrorCode.notAllowed }
      return .organisation(OrganisationID(signed.hash))
    case .teamCreation: return .team(TeamID(signed.hash))
    default: throw ErrorCode.malformed
    }
  }

  /// The request carries exactly the wraps that the statement names.
  private func checkWraps(_ request: ChainAppendRequest) throws(ErrorCode) {
    let named: [Digest]
    switch request.statement.statement.body {
    case .deviceAddition(let addition), .kit(let addition): named = [addition.accountKeyWrap]
    case .deviceRevocation(let revocation):
      named = revocation.wraps.map(\.hash) + [revocation.predecessor]
    case .teamKey(let key): named = key.wraps.map(\.hash) + (key.predecessor.map { [$0] } ?? [])
    case .teamAdmission(let admission): named = [admission.wrap]
    default: named = []
    }
    guard Set(request.wraps.map { Hasher256.content($0) }) == Set(named) else { throw .malformed }
  }

  /// Whoever is named was seen with a chain that is the account's own.
  private func checkAccountHeads(_ signed: SignedStatement) throws {
    let (account, head): (AccountID?, ChainPoint)
    switch signed.statement.body {
    case .organisationCreation(let body):
      (account, head) = (signed.statement.account, body.accountHead)
    case .organisationMember(let body): (account, head) = (body.account, body.accountHead)
    case .teamProposal(let body): (account, head) = (body.account, body.accountHead)
    case .teamAdmission(let body): (account, head) = (body.account, body.accountHead)
    default: return
    }
    guard let account, let chain = try chains.accountChain(account) else {
      throw ErrorCode.notFound
    }
    guard chain.contains(head) else { throw ErrorCode.malformed }
  }

  /// An organisation lists its own teams only.
  private func checkTeam(_ signed: SignedStatement) throws {
    guard case .organisationTeam(let listed) = signed.statement.body else { return }
    guard let team = try chains.teamChain(listed.team) else { throw ErrorCode.notFound }
    guard signed.statement.subject == .chain(.organisation(team.organisation)) else {
      throw ErrorCode.notAllowed
    }
  }
}
