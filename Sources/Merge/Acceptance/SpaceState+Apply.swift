extension SpaceState {
  /// Takes the next entry of the log in. It must have been accepted, or be a refusal.
  public mutating func apply(_ fact: LogFact) {
    position = position.next
    take(fact)
  }

  private mutating func take(_ fact: LogFact) {
    switch fact {
    case .incarnation(let number): begin(number, base: Position(position.rawValue - 1))
    case .recovered(let place, .incarnation(let number)):
      note(place, at: position)
      note(lost: number, after: place)
    case .recovered(let place, let lost):
      note(place, at: position)
      take(lost)
      if case .epoch(let proposal) = lost, !isForPresentKeys(proposal) {
        // Made before a removal that stands before it now: nothing more is sealed under it.
        lastRemoval = position.next
      }
    case .recoveredAlready(let place, let known):
      note(place, at: known == .zero ? nil : known)
    case .opened(let opening): open(opening)
    case .adminNamed(let account, let organisation):
      sources.organisation = organisation
      admins.insert(account)
    case .deviceCertified(let device, let account):
      if devices[device] == nil {
        devices[device] = DeviceStanding(account: account, since: position, until: nil)
      }
    case .deviceRevoked(let device, let account, let newKey):
      if let newKey { accountKeys[account] = newKey }
      let since = devices[device]?.since ?? position
      devices[device] = DeviceStanding(account: account, since: since, until: position)
      lastRemoval = position
      if self.role(of: account) == .staff { isTeamKeyOwed = true }
    case .memberJoined(let account, let role, let team, let generation):
      join(account, role, team, keyGeneration: generation)
    case .memberLeft(let account, _):
      if self.role(of: account) == .staff { isTeamKeyOwed = true }
      members[account]?.until = position
      lastRemoval = position
    case .teamKeyed(let keying): take(keying)
    case .epoch(let proposal): epochs.append(Epoch(id: proposal.id, made: position))
    case .typePinned(let pinned): pinnedTypes[pinned.type.name] = pinned.hash
    case .consent(let assignment, let changes, let stamp):
      sources.assignment = assignment
      applyConsent(changes, stamp)
    case .ended: ended = ended ?? position
    case .time(let milliseconds): timeMilliseconds = max(timeMilliseconds, milliseconds)
    case .commit(let commit, let origin): apply(commit, origin)
    // What the state reads of commits are decisions, and those are never compacted.
    case .stub, .refused: break
    }
  }

  private mutating func join(
    _ account: AccountID, _ role: Role, _ team: TeamID, keyGeneration: UInt64
  ) {
    sources.team = team
    members[account] = Membership(role: role, since: position, until: nil)
    // A device that was removed meanwhile opens what was wrapped for the key that it held.
    if keyGeneration < self.keyGeneration(of: account) {
      isTeamKeyOwed = true
      lastRemoval = position
    }
  }

  /// A team that had lost all of its members begins anew with whoever makes the key.
  private mutating func take(_ keying: LogFact.TeamKeying) {
    sources.team = keying.team
    teamKeyGeneration = keying.generation
    for account in keying.wraps.keys where role(of: account) == nil {
      members[account] = Membership(role: .staff, since: position, until: nil)
    }
    isTeamKeyOwed = presentMembers.contains {
      role(of: $0) == .staff && keying.wraps[$0] != keyGeneration(of: $0)
    }
  }

  private mutating func open(_ opening: LogFact.Opening) {
    kind = opening.kind
    clientVault = opening.clientVault
    sources.organisation = opening.organisation ?? sources.organisation
    sources.team = opening.teams.first ?? sources.team
    sources.assignment = opening.assignment ?? sources.assignment
    teams = opening.teams.sorted()
    for member in opening.members {
      members[member.account] = Membership(role: member.role, since: position, until: nil)
    }
  }

  /// A withdrawal ends the engagement for good; a later consent starts a new one.
  private mutating func applyConsent(_ changes: [RecordChange], _ stamp: CommitStamp) {
    consent.apply(changes, of: stamp)
    guard kind == .engagement, ended == nil else { return }
    let status = consentState.status
    if status == .revoked || status == .declined {
      ended = position
      lastRemoval = position
    }
  }

  private mutating func apply(_ commit: Commit, _ origin: Origin) {
    guard kind == .assignment else { return }
    let authorship = Authorship(
      origin: commit.header.origin ?? origin, time: commit.header.time)
    consent.apply(
      commit.changes,
      of: CommitStamp(
        position: position, authorship: authorship,
        seen: seen(commit.header.context, at: position)))
  }
}
