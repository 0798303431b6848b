/// The acceptance function: a pure function of the log's prefix and the next entry.
///
/// The server calls it before it appends; every device calls it again on what it pulls, with the
/// same result (design §4, Acceptance). Signatures, hashes and the order of journals are checked
/// before, where the bytes are.
public struct Acceptance<Records: AcceptedRecords> {
  /// How far an author's clock may be ahead of log time.
  public static var clockAheadMillisecondsMax: UInt64 { HybridClock.aheadMillisecondsMax }

  let state: SpaceState
  let records: Records
  let schema: Schema

  public init(state: SpaceState, records: Records, schema: Schema) {
    self.state = state
    self.records = records
    self.schema = schema
  }

  /// The verdict on the entry that would stand next in the log.
  ///
  /// - Throws: only what `records` throws; a verdict is a value.
  public func judge(_ fact: LogFact) throws -> Verdict {
    do {
      switch fact {
      case .opened(let opening): try judge(opening)
      case .epoch(let proposal): try judge(proposal)
      case .ended(let author): try judgeEnd(by: author)
      case .commit(let commit, let origin):
        if let deferral = try CommitJudge(self, commit, origin).judge() {
          return .deferred(deferral)
        }
      case .stub(let commit, let origin):
        if let deferral = try CommitJudge(self, commit, origin, isStub: true).judge() {
          return .deferred(deferral)
        }
      case .refused:
        if state.kind == nil { throw Refusal(.spaceNotOpened) }
      // Authority that the first statement rests on stands before it.
      case .adminNamed(_, let organisation): try check(organisation, state.sources.organisation)
      case .typePinned(let pinned):
        try check(state.sources.organisation == pinned.organisation)
      case .memberJoined(_, _, let team, _): try checkTeam(team)
      case .memberLeft(_, let team): if let team { try checkTeam(team) }
      case .teamKeyed(let keying): try checkTeam(keying.team)
      case .consent(let assignment, _, _):
        try check(assignment, state.sources.assignment)
        try check(state.kind == nil || state.kind == .engagement)
      case .deviceCertified, .deviceRevoked, .time: break
      case .incarnation(let number):
        guard number > state.incarnation, state.past(number) == nil else {
          throw Refusal(.incarnationUnknown)
        }
      case .recovered(let place, let lost):
        try check(place)
        try judge(lost: lost)
      case .recoveredAlready(let place, let known):
        try check(place)
        guard known <= state.position else { throw Refusal(.contextAhead) }
      }
      return .accepted
    } catch let refusal as Refusal {
      return .refused(refusal)
    }
  }

  /// A space rests on one organisation, one team and one assignment: what another one says does not
  /// count here.
  private func check<Source: Equatable>(_ named: Source, _ known: Source?) throws(Refusal) {
    guard known == nil || known == named else {
      throw Refusal(.malformed, ["rests on another history"])
    }
  }

  /// Nobody joins, and no consent counts, in a space whose first statement did not name where they
  /// come from: else whoever orders the log could bring anybody in.
  private func checkTeam(_ team: TeamID) throws(Refusal) {
    try check(team, state.sources.team)
    try check(state.kind == nil || state.teams.contains(team))
  }

  private func check(_ isNamed: Bool) throws(Refusal) {
    guard isNamed else { throw Refusal(.malformed, ["rests on another history"]) }
  }

  private func judge(_ opening: LogFact.Opening) throws {
    guard state.kind == nil else { throw Refusal(.spaceExists) }
    if let organisation = opening.organisation {
      try check(organisation, state.sources.organisation)
    }
    for team in opening.teams { try check(team, state.sources.team) }
    if let assignment = opening.assignment { try check(assignment, state.sources.assignment) }
    // What stands before the first statement is what it names.
    if let team = state.sources.team { try check(opening.teams.contains(team)) }
    if state.sources.assignment != nil { try check(opening.kind == .engagement) }
    guard let standing = state.devices[opening.author] else { throw Refusal(.deviceUnknown) }
    guard standing.until == nil else { throw Refusal(.deviceBarred) }
    let role = opening.members.first { $0.account == standing.account }?.role
    let isAdmin = state.admins.contains(standing.account)
    guard Self.isPlausible(opening), Self.restsOnItsOwn(opening) else { throw Refusal(.malformed) }
    switch opening.kind {
    case .vault:
      guard role == .owner, opening.members.count == 1 else { throw Refusal(.notAllowed) }
    case .assignment:
      guard role == .admin && isAdmin || Self.isFamily(opening, openedBy: role) else {
        throw Refusal(.notAllowed)
      }
    case .casework, .team, .directory: guard isAdmin else { throw Refusal(.notAllowed) }
    case .engagement: try judgeEngagement(opening, openedBy: role)
    case .inbox: throw Refusal(.notAllowed)
    }
  }

  /// Each account once, and nobody in a role that is not a member's. Where two sides meet there is
  /// one of each: the client is whose vault may be shared from.
  private static func isPlausible(_ opening: LogFact.Opening) -> Bool {
    let members = opening.members
    guard Set(members.map(\.account)).count == members.count,
      !members.contains(where: { $0.role == .server || $0.role == .author })
    else { return false }
    let clients = members.count { $0.role == .client }
    let practitioners = members.count { $0.role == .practitioner || $0.role == .family }
    switch opening.kind {
    case .engagement: return clients == 1 && practitioners == 1 && members.count == 2
    case .assignment: return clients == 1 && practitioners == 1
    case .vault, .casework, .team, .directory, .inbox: return true
    }
  }

  /// A client opens an assignment alone, without an administrator, for somebody of the family.
  private static func isFamily(_ opening: LogFact.Opening, openedBy role: Role?) -> Bool {
    role == .client && opening.organisation == nil && opening.members.count == 2
      && opening.members.contains { $0.role == .family }
  }

  /// A space names the histories that its kind rests on and no others: a team in a vault or an
  /// engagement would join it, and another's assignment would tell when its sides decide.
  private static func restsOnItsOwn(_ opening: LogFact.Opening) -> Bool {
    let hasConsent = opening.assignment != nil || opening.approval != nil
    switch opening.kind {
    case .vault, .inbox: return !hasConsent && opening.teams.isEmpty && opening.organisation == nil
    case .engagement: return opening.teams.isEmpty && opening.organisation == nil
    case .assignment, .directory: return !hasConsent && opening.teams.isEmpty
    case .casework, .team: return !hasConsent
    }
  }

  /// Only the client opens an engagement, and only on an approval that both sides stand by.
  private func judgeEngagement(_ opening: LogFact.Opening, openedBy role: Role?) throws {
    guard role == .client else { throw Refusal(.notAllowed) }
    let status = state.consentState.status
    guard status == .active else { throw Refusal(.consentInactive, [status.rawValue]) }
    guard let approval = opening.approval, state.consent.approvals.contains(approval) else {
      throw Refusal(.grantUnknown)
    }
  }

  private func judge(_ proposal: LogFact.EpochProposal) throws {
    let role = try presentRole(of: proposal.author)
    guard SpaceState.mayMakeEpoch(role, in: state.kind) else { throw Refusal(.notAllowed) }
    if state.ended != nil { throw Refusal(.ended) }
    guard proposal.previous == state.currentEpoch else { throw Refusal(.epochSuperseded) }
    // A key that somebody held who was removed would open the epoch for them.
    guard state.isForPresentKeys(proposal) else { throw Refusal(.recipientsWrong) }
  }

  private func judgeEnd(by author: DeviceID) throws {
    let role = try presentRole(of: author)
    let isSide = role == .client || role == .practitioner || role == .family
    guard state.kind == .engagement, isSide else { throw Refusal(.notAllowed) }
    if state.ended != nil { throw Refusal(.ended) }
  }

  /// The role of a device's account, where both stand in the space now.
  func presentRole(of device: DeviceID) throws -> Role {
    guard state.kind != nil else { throw Refusal(.spaceNotOpened) }
    if device == state.server { return .server }
    guard let standing = state.devices[device] else { throw Refusal(.deviceUnknown) }
    guard standing.until == nil else { throw Refusal(.deviceBarred) }
    guard let role = state.role(of: standing.account) else { throw Refusal(.notMember) }
    return role
  }
}
