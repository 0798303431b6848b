/// All that acceptance reads of a space's log, besides its records: who is a member, with which
/// devices, under which keys and which consent, and what time it is.
///
/// A fold of the log's prefix (design §4, Acceptance): the same on the server and on every device.
public struct SpaceState: Hashable, Sendable {
  /// A member's time in the space.
  public struct Membership: Hashable, Sendable {
    public var role: Role
    public var since: Position
    /// `nil` while the account is a member.
    public var until: Position?
  }

  /// A device's time in the space.
  public struct DeviceStanding: Hashable, Sendable {
    public var account: AccountID
    public var since: Position
    public var until: Position?
  }

  /// One generation of the space's key.
  public struct Epoch: Hashable, Sendable {
    public var id: EpochID
    public var made: Position
  }

  /// The histories elsewhere that the space rests on: of each kind one, the first that is named. Facts
  /// from any other are refused.
  public struct Sources: Hashable, Sendable {
    public internal(set) var organisation: OrganisationID?
    public internal(set) var team: TeamID?
    public internal(set) var assignment: SpaceID?
  }

  public let id: SpaceID
  /// The device id that the server signs as.
  public let server: DeviceID
  public internal(set) var kind: SpaceKind?
  public internal(set) var incarnation: UInt64 = 0
  /// Earlier incarnations, in the order in which they ended or became known; almost always none.
  public internal(set) var past: [PastIncarnation] = []
  /// The position of the last entry applied.
  public internal(set) var position: Position = .zero
  /// The server's last signed time in the log, milliseconds since 1970.
  public internal(set) var timeMilliseconds: UInt64 = 0
  public internal(set) var members: [AccountID: Membership] = [:]
  public internal(set) var devices: [DeviceID: DeviceStanding] = [:]
  public internal(set) var sources = Sources()
  /// Accounts that the organisation's chain names as administrators.
  public internal(set) var admins: Set<AccountID> = []
  /// Teams whose key stands for their members.
  public internal(set) var teams: [TeamID] = []
  /// Oldest first.
  public internal(set) var epochs: [Epoch] = []
  /// The last removal of a member or device; after an epoch that came back wrapped for keys that were
  /// replaced meanwhile, the place after that one.
  public internal(set) var lastRemoval: Position = .zero
  /// The present keys of accounts that have replaced their first one.
  public internal(set) var accountKeys: [AccountID: Bytes32] = [:]
  /// The generation of the team's key, from 0.
  public internal(set) var teamKeyGeneration: UInt64 = 0
  /// Whether somebody who was removed held the team's present key: no epoch is wrapped for it.
  public internal(set) var isTeamKeyOwed = false
  /// Record types of the organisation that may be used here, by name, with the version that the log
  /// named last. No other type whose name begins so counts (``RecordType/organisationPrefix``).
  public internal(set) var pinnedTypes: [String: Bytes32] = [:]
  public internal(set) var consent = Consent()
  /// The vault whose files may be shared here.
  public internal(set) var clientVault: SpaceID?
  /// Set once: an ended engagement never comes back.
  public internal(set) var ended: Position?

  public init(id: SpaceID, server: DeviceID) {
    self.id = id
    self.server = server
  }

  public var currentEpoch: EpochID? { epochs.last?.id }

  /// The role of an account that is a member now.
  public func role(of account: AccountID) -> Role? {
    guard let membership = members[account], membership.until == nil else { return nil }
    return membership.role
  }

  /// Present members, sorted.
  public var presentMembers: [AccountID] {
    members.filter { $0.value.until == nil }.map(\.key).sorted()
  }

  /// The same state at a later moment: what a device that works offline expects to hold.
  public func at(nowMilliseconds: UInt64) -> SpaceState {
    var later = self
    later.timeMilliseconds = max(timeMilliseconds, nowMilliseconds)
    return later
  }

  public var consentState: ConsentState { consent.state(nowMilliseconds: timeMilliseconds) }

  /// Whose keys an epoch has to be wrapped for, as 32-byte ids, sorted: each member account, but
  /// for staff of a team the team.
  public var epochRecipients: [Bytes32] {
    let accounts = members.filter { $0.value.until == nil }
      .filter { teams.isEmpty || $0.value.role != .staff }
      .map { $0.key.bytes }
    return (accounts + teams.map(\.bytes)).compactMap { Bytes32($0) }.sorted()
  }

  /// For which generations of the recipients' keys an epoch has to be wrapped, where that is not the
  /// first.
  public var epochKeyGenerations: [Bytes32: UInt64] {
    var generations: [Bytes32: UInt64] = [:]
    for recipient in epochRecipients {
      let isTeam = teams.contains { $0.bytes == recipient.bytes }
      let generation =
        isTeam
        ? teamKeyGeneration
        : AccountID(recipient.bytes).map { keyGeneration(of: $0) } ?? 0
      if generation > 0 { generations[recipient] = generation }
    }
    return generations
  }

  /// Whether an epoch is wrapped for exactly those who are present, and for no key that somebody held
  /// who was removed.
  func isForPresentKeys(_ proposal: LogFact.EpochProposal) -> Bool {
    proposal.recipients == epochRecipients && !isTeamKeyOwed
      && proposal.keyGenerations == epochKeyGenerations
  }

  /// The generation of an account's key, from 0: each removal of a device makes the next one.
  public func keyGeneration(of account: AccountID) -> UInt64 {
    UInt64(devices.values.count { $0.account == account && $0.until != nil })
  }

  public static func mayMakeEpoch(_ role: Role, in kind: SpaceKind?) -> Bool {
    switch kind {
    case .vault: role == .owner
    case .engagement: role == .client
    case .casework: role == .contact || role == .staff
    case .team: role == .staff
    case .assignment, .directory, .inbox, nil: false
    }
  }

  /// Whether what is sealed now needs an epoch that nobody has made yet.
  public var owesEpoch: Bool { epochs.last.map { !mayUse($0) } ?? false }

  /// Whether a value sealed now may use the epoch: made after the last removal.
  public func mayUse(_ epoch: Epoch) -> Bool { epoch.made >= lastRemoval }

  /// The known epoch whose id begins with these bytes.
  public func epoch(hint: some Collection<UInt8>) -> Epoch? {
    epochs.last { $0.id.bytes.starts(with: hint) }
  }
}
