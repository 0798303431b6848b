/// What one entry of a space's log says, once its signatures and hashes have been checked.
///
/// Facts from elsewhere (account and team chains, the assignment) reach a space's log as authority
/// entries, so that acceptance needs nothing but the log.
public enum LogFact: Hashable, Sendable {
  /// The first statement of the space.
  case opened(Opening)
  /// An administrator, from the organisation's chain.
  case adminNamed(AccountID, OrganisationID)
  /// A device of a member account, from its account chain.
  case deviceCertified(DeviceID, AccountID)
  /// The same statement gives the account its next key.
  case deviceRevoked(DeviceID, AccountID, newKey: Bytes32? = nil)
  /// A member of the space's team, from the team's chain; the team's key was wrapped for this
  /// generation of the account's key.
  case memberJoined(AccountID, Role, TeamID, keyGeneration: UInt64 = 0)
  /// A member who was removed from the space's team.
  case memberLeft(AccountID, TeamID? = nil)
  /// The team's next key.
  case teamKeyed(TeamKeying)
  case epoch(EpochProposal)
  /// A record type of the organisation, from its chain.
  case typePinned(PinnedType)
  /// Decisions accepted in the assignment that an engagement rests on.
  case consent(SpaceID, [RecordChange], CommitStamp)
  /// The engagement's end, stated by the member who withdraws.
  case ended(by: DeviceID)
  /// The server's signed time.
  case time(milliseconds: UInt64)
  case commit(Commit, Origin)
  /// An accepted commit whose values are gone; all of them read as `null`.
  case stub(Commit, Origin)
  /// A commit that was refused; only its place in the author's journal counts.
  case refused(Origin)
  /// The server was restored from a backup: a new incarnation of the log begins here.
  case incarnation(UInt64)
  /// An entry of an incarnation that was lost, handed back with the server's own signature over it.
  indirect case recovered(LogPlace, LogFact)
  /// An entry of a lost incarnation that stands here already, at the position; `zero` where nothing of
  /// it is needed.
  case recoveredAlready(LogPlace, at: Position)

  /// What it says, also where it was handed back.
  public var content: LogFact {
    if case .recovered(_, let lost) = self { lost.content } else { self }
  }

  /// What the first statement of a space says.
  public struct Opening: Hashable, Sendable {
    public let kind: SpaceKind
    public let author: DeviceID
    /// Sorted by account.
    public let members: [Member]
    public let teams: [TeamID]
    /// Whose administrators may open such a space; `nil` for vaults and engagements.
    public let organisation: OrganisationID?
    /// The assignment that an engagement rests on.
    public let assignment: SpaceID?
    /// The vault whose files may be shared in an engagement.
    public let clientVault: SpaceID?
    /// The approval that an engagement rests on.
    public let approval: Origin?

    public init(
      kind: SpaceKind, author: DeviceID, members: [Member], teams: [TeamID] = [],
      organisation: OrganisationID? = nil, assignment: SpaceID? = nil,
      clientVault: SpaceID? = nil, approval: Origin? = nil
    ) {
      self.kind = kind
      self.author = author
      self.members = members
      self.teams = teams
      self.organisation = organisation
      self.assignment = assignment
      self.clientVault = clientVault
      self.approval = approval
    }
  }

  public struct Member: Hashable, Sendable {
    public let account: AccountID
    public let role: Role

    public init(account: AccountID, role: Role) {
      self.account = account
      self.role = role
    }
  }

  /// A generation of a team's key, and for which generation of its members' keys it was wrapped.
  public struct TeamKeying: Hashable, Sendable {
    public let team: TeamID
    public let generation: UInt64
    public let wraps: [AccountID: UInt64]

    public init(team: TeamID, generation: UInt64, wraps: [AccountID: UInt64]) {
      self.team = team
      self.generation = generation
      self.wraps = wraps
    }
  }

  /// A version of a record type that an administrator has signed.
  public struct PinnedType: Hashable, Sendable {
    public let organisation: OrganisationID
    public let type: RecordType
    /// The file that says so, byte for byte.
    public let file: [UInt8]
    /// The hash of the statement: names the version.
    public let hash: Bytes32
    /// Where the statement stands in the organisation's chain: a later version has a higher one.
    public let index: UInt64

    public init(
      organisation: OrganisationID, type: RecordType, file: [UInt8], hash: Bytes32, index: UInt64
    ) {
      self.organisation = organisation
      self.type = type
      self.file = file
      self.hash = hash
      self.index = index
    }
  }

  /// A new generation of the space's key.
  public struct EpochProposal: Hashable, Sendable {
    public let id: EpochID
    /// `nil` for the first.
    public let previous: EpochID?
    public let author: DeviceID
    /// Whom it is wrapped for: account and team ids, sorted.
    public let recipients: [Bytes32]
    /// For which generation of a recipient's key, where it is not the first.
    public let keyGenerations: [Bytes32: UInt64]

    public init(
      id: EpochID, previous: EpochID?, author: DeviceID, recipients: [Bytes32],
      keyGenerations: [Bytes32: UInt64] = [:]
    ) {
      self.id = id
      self.previous = previous
      self.author = author
      self.recipients = recipients
      self.keyGenerations = keyGenerations
    }
  }
}
