extension SyncServer {
  /// The server's limits. The defaults suit a small organisation.
  public struct Options: Hashable, Sendable {
    /// Blobs of one vault.
    public var quotaByteCountMax: UInt64 = 64 << 30
    /// What each blob counts for at least: a file system gives out blocks.
    public var blobByteCountMin: UInt64 = 4096
    /// Sessions last so long, in memory only: they end with the process.
    public var sessionMilliseconds: UInt64 = 60 * 60 * 1000
    public var sessionCountMax = 65_536
    /// Sessions of one device; an older one ends where there would be more.
    public var deviceSessionCountMax = 16
    /// A challenge is good once, for this long.
    public var challengeMilliseconds: UInt64 = 60 * 1000
    public var challengeCountMax = 65_536
    /// Enrolments of one account that wait for approval.
    public var enrolmentCountMax = 16
    public var enrolmentMilliseconds: UInt64 = Self.dayMilliseconds
    /// Wraps of one account that no accepted entry names yet.
    public var unnamedWrapCountMax = 65_536
    /// What no accepted entry names is collected after this.
    public var unnamedMilliseconds: UInt64 = Self.dayMilliseconds

    /// Commits that a push lets become stubs, beside its own work; 0 leaves it all to
    /// ``SyncServer/compact()``.
    public var compactedCountMax = 64
    /// A replica that leaves entries of a space unread for this long is retired there: 180 days.
    public var retirementMilliseconds: UInt64 = 180 * Self.dayMilliseconds
    /// How long after a restore a chain waits for the devices that may have written to it: a week.
    public var settlingMilliseconds: UInt64 = 7 * Self.dayMilliseconds
    /// Whether a server in a directory looks, when it is opened, if its database is the file that it
    /// closed the last time. A copy that was put back is not; nor is one that was not closed.
    public var noticesCopies = false

    private static let dayMilliseconds: UInt64 = 24 * 60 * 60 * 1000

    public init() {}
  }
}
