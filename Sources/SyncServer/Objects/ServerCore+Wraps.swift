import Merge
import Signing
import SpaceStore
import SyncProtocol

extension ServerCore {
  /// Stores wraps before the entry that names them: in the own vault, in spaces that the account is
  /// a member of, and in such as are not opened yet.
  func storeWraps(_ request: WrapsRequest, _ session: Session) throws -> [UInt8] {
    if request.space != .vault(of: session.account), let state = try openedState(request.space) {
      guard state.role(of: session.account) != nil else { throw ErrorCode.notAllowed }
    }
    let table = WrapTable(database: database)
    let count = try table.unnamedCount(of: session.account) + Int64(request.wraps.count)
    guard count <= options.unnamedWrapCountMax else { throw ErrorCode.quotaExceeded }
    try transaction {
      for wrap in request.wraps {
        try table.store(
          wrap, .space(request.space), by: session.account, isNamed: false, now: now)
      }
    }
    return []
  }

  /// Releases wraps to those they are for. What a share's wrap is asked for is audited before it is
  /// released.
  func fetchWraps(_ request: WrapsFetchRequest, _ session: Session) throws -> [UInt8] {
    if try isKit(session), request.owner != .chain(.account(session.account)) {
      throw ErrorCode.notAllowed
    }
    let table = WrapTable(database: database)
    if case .space(let space) = request.owner, try isStranger(session.account, to: space) {
      return try refuseStranger(request, space, session)
    }
    if case .space(let space) = request.owner, let first = request.hashes.first,
      space != .vault(of: session.account), try openedState(space)?.kind == .vault
    {
      // One line of the audit for all.
      guard try EmergencyTable(core: self).releases(space, object: first.bytes, session) else {
        return WrapsFetchResponse(wraps: request.hashes.map { _ in nil }).encoded
      }
      let wraps = try request.hashes.map { try table.bytes(request.owner, $0) }
      return WrapsFetchResponse(wraps: wraps).encoded
    }
    let wraps = try transaction {
      try request.hashes.map { hash in
        try mayHave(hash, of: request.owner, session) ? table.bytes(request.owner, hash) : nil
      }
    }
    return WrapsFetchResponse(wraps: wraps).encoded
  }

  /// Whether the account was never in the engagement.
  private func isStranger(_ account: AccountID, to space: SpaceID) throws -> Bool {
    guard let state = try openedState(space), state.kind == .engagement else { return false }
    return state.members[account] == nil
  }

  /// One line of the audit for all: who has no business there must not fill the disk with it.
  private func refuseStranger(
    _ request: WrapsFetchRequest, _ space: SpaceID, _ session: Session
  ) throws -> [UInt8] {
    if let first = request.hashes.first {
      try transaction {
        try AccessAudit(core: self).write(
          .wrap, space, object: first.bytes, ShareGate.Outcome.notMember, by: session)
      }
    }
    return WrapsFetchResponse(wraps: request.hashes.map { _ in nil }).encoded
  }

  private func mayHave(_ hash: Digest, of owner: WrapOwner, _ session: Session) throws -> Bool {
    switch owner {
    case .chain(.account(let account)):
      guard account == session.account else { return false }
      guard let chain = try chains.accountChain(account) else { return false }
      return chain.devices[session.device]?.accountKeyWrap == hash
        || chain.predecessors.contains(hash)
    case .chain(.team(let team)):
      guard let chain = try chains.teamChain(team), let own = chain.members[session.account]
      else { return false }
      return own == hash || chain.predecessors.contains(hash)
    case .chain(.organisation): return false
    case .space(let space): return try mayHave(hash, in: space, session)
    }
  }

  private func mayHave(_ hash: Digest, in space: SpaceID, _ session: Session) throws -> Bool {
    if space == .vault(of: session.account) { return true }
    guard let state = try openedState(space) else { return false }
    let emergencies = EmergencyTable(core: self)
    if state.kind == .casework, let deposit = try emergencies.deposit(ofShare: hash, in: space) {
      return try emergencies.releasesShare(deposit, session)
    }
    let recipients = try recipients(of: hash, in: space)
    if !recipients.isEmpty { return try mayHave(epochFor: recipients, state, session.account) }
    let shares = ShareTable(core: self, space: space)
    let record = try shares.record(ofWrap: hash)
    // Unknown ones are asked for and refused as well: revoked wraps are exactly those.
    guard state.kind == .engagement else { return false }
    let gate = ShareGate(
      state: state, account: session.account, now: now,
      isWithholding: try isWithholding(space))
    let terms = try record.flatMap { try shares.terms(of: $0) }
    var outcome = gate.outcome(terms)
    if outcome == .granted, ShareTable.wrap(terms?.content) != hash { outcome = .shareUnknown }
    try AccessAudit(core: self).write(
      .wrap, space, object: record?.bytes ?? hash.bytes, outcome, by: session)
    return outcome == .granted
  }

  /// Present members get the epochs that are wrapped for them; after the end only the client does.
  private func mayHave(
    epochFor recipients: [Bytes32], _ state: SpaceState, _ account: AccountID
  ) throws -> Bool {
    guard let role = state.role(of: account), state.ended == nil || role == .client else {
      return false
    }
    if recipients.contains(where: { $0.bytes == account.bytes }) { return true }
    for team in state.teams where recipients.contains(where: { $0.bytes == team.bytes }) {
      if try chains.teamChain(team)?.members[account] != nil { return true }
    }
    return false
  }

  private func recipients(of hash: Digest, in space: SpaceID) throws -> [Bytes32] {
    try database.rows(
      "SELECT recipient FROM epoch_wrap WHERE space = ? AND hash = ?", .blob(space.bytes),
      .blob(hash.bytes)
    ) { row in
      guard let recipient = Bytes32(row.blob(0)) else { throw StateError.damaged }
      return recipient
    }
  }
}
