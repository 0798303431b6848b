import Merge

/// How a replica stands: what `status` shows.
public struct ReplicaStatus: Hashable, Sendable {
  public struct Space: Hashable, Sendable {
    public let id: SpaceID
    /// `nil` for one of which only the name is known yet.
    public let kind: SpaceKind?
    /// What this account is in it now.
    public let role: Role?
    public let incarnation: UInt64
    /// How far its log has been pulled.
    public let position: UInt64
    /// Whether the present epoch's key is in the key ring; `nil` where the space has no epoch.
    public let holdsEpoch: Bool?
    public let isEnded: Bool
    /// Whether values are missing that the log has not shown to be overwritten.
    public let isIncomplete: Bool
    /// Whether two histories of it were shown: nothing is sent or taken in.
    public let isForked: Bool
    /// Why it was left and purged; `nil` for one that was not.
    public let leftReason: String?
    /// Commits without a verdict.
    public let pendingCount: Int
    /// How far each journal is known, the own one with what is unsent.
    public let clock: VersionVector
  }

  public let account: AccountID
  /// As far as names can be read now.
  public let name: String
  public let replica: ReplicaID
  public let role: Role
  public let serverURL: String?
  public let isLocked: Bool
  /// Whether somebody has logged out here.
  public let isLoggedOut: Bool
  /// Milliseconds since 1970; `nil` before the first sync.
  public let lastSyncMilliseconds: UInt64?
  /// How far the device's clock was ahead of the server's when they last met.
  public let clockAheadMilliseconds: UInt64
  /// What is wrong with the server's clock; `nil` while nothing is.
  public let serverClockProblem: String?
  /// Commits without a verdict, by the kind of their space; kinds without any are left out.
  public let pendingCounts: [SpaceKind: Int]
  /// Pieces of files that the server does not have yet.
  public let blobsToUpload: Int
  public let conflictCount: Int
  /// Refused commits that are kept.
  public let rejectedCount: Int
  /// Kept proofs of something that should not have been.
  public let evidenceCount: Int
  /// Keys that have to be replaced.
  public let keyDebt: [KeyDebt]
  /// Whose keys were replaced since somebody compared them; empty while locked.
  public let changedKeys: [AccountID]
  /// Emergency deposits that are open: the own one, and those that this account has opened.
  public let openEmergencies: [EmergencyDeposit]
  /// Requests for access that wait for this client's answer.
  public let requestsToAnswer: Int
  /// Assignments that wait for this account's yes or no.
  public let decisionsToMake: Int
  public let isRevoked: Bool
  /// The account's recovery kits: the one that counts, and one that waits to take its place.
  public let kits: [KitStanding]
  /// Whether this device was restored, and nobody else has confirmed yet what the server shows.
  public let isFreshnessUnproven: Bool
  /// In the order they were met.
  public let spaces: [Space]

  public var device: DeviceID { replica.device }

  public var pendingCount: Int { spaces.reduce(0) { $0 + $1.pendingCount } }
}
