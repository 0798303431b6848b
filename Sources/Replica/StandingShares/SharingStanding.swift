import Merge
import SyncProtocol

/// One line of a listing of what stands.
public struct StandingItem: Sendable {
  public let id: RecordID
  /// The engagement that it ends with.
  public let space: SpaceID
  public let practitioner: AccountID
  /// From the top; `nil` for the whole vault.
  public let path: String?
  /// Whether what it names is in the vault.
  public let isThere: Bool
  /// Whether it leaves out what another one would share.
  public let isExclusion: Bool
  public let permissions: [Permission]
  /// Its own end; milliseconds since 1970.
  public let untilMilliseconds: UInt64?
  /// How long past the consent's end, where it is shared while the engagement is active.
  public let graceMilliseconds: UInt64?
  /// Whether it says anything now.
  public let isInForce: Bool
  /// Whether the server has accepted it.
  public let isSent: Bool
}

extension Replica {
  /// The time of grace where nobody says another one: thirty days.
  public static var defaultGraceMilliseconds: UInt64 { StandingShare.defaultGraceMilliseconds }

  /// Shares a folder, or the whole vault, with a person: what lies in it now, and what comes later. Of a
  /// file: while the engagement is active. Works offline; files whose keys are not here follow at a sync
  /// of a device that has them.
  ///
  /// What was shared of single files by themselves stays as it is; what was taken back in it before is
  /// shared again.
  ///
  /// - Parameters:
  ///   - path: `nil` for the whole vault.
  ///   - untilMilliseconds: the end; `nil`: as long as the consent holds.
  ///   - graceMilliseconds: shares while the engagement is active: ends so long after the consent's end,
  ///     and follows it. Ten years at most.
  /// - Throws: ``AccessDenial`` where the consent does not hold or does not allow that much.
  /// - Returns: how many files are shared now for it.
  @discardableResult
  public func shareStanding(
    _ path: String?, with account: AccountID, untilMilliseconds: UInt64?,
    permissions: [Permission], graceMilliseconds: UInt64? = nil
  ) throws -> Int {
    let terms = StandingShare.Terms(
      permissions: permissions, untilMilliseconds: untilMilliseconds,
      graceMilliseconds: graceMilliseconds)
    return try shareStanding(path, with: account, terms)
  }

  @discardableResult
  func shareStanding(
    _ path: String?, with account: AccountID, _ given: StandingShare.Terms
  ) throws -> Int {
    guard given.graceMilliseconds ?? 0 <= StandingShare.graceMillisecondsMax else {
      throw ReplicaError.badInput("a time of grace is ten years at most")
    }
    try requireServerClock()
    let tree = try vaultTree()
    let entry = try path.flatMap { try tree.entry(at: $0) }
    let target = entry.map { StandingShare.Target($0) } ?? .vault
    let space = try openEngagement(with: account)
    // Nobody can download or note on what they may not see.
    var terms = given
    terms.permissions =
      ConsentTerms(permissions: given.permissions + [.viewFiles], untilMilliseconds: nil)
      .permissions
    try checkConsent(
      space,
      ConsentTerms(permissions: terms.permissions, untilMilliseconds: terms.untilMilliseconds))
    let below = tree.descendants(of: entry?.id).map { StandingShare.Target($0) }
    try transaction {
      let left = try standingShares(with: account).filter {
        $0.isExclusion && below.contains($0.target)
      }
      try endStanding(left)
      try write(terms, for: target, in: space)
    }
    let files = entry.map { tree.files(at: $0.id) } ?? tree.files.map(\.id)
    try followStanding(files, tree)
    return try files.count { file in
      try shares(ofFile: file, in: space).contains {
        try $0.isAutomatic && $0.isActive(nowMilliseconds: nowMilliseconds)
      }
    }
  }

  /// What stands, oldest first.
  public func standingItems() throws -> [StandingItem] {
    let tree = try vaultTree()
    let now = try nowMilliseconds
    return try standingShares().compactMap { share in
      guard try store.knows(share.engagement),
        let practitioner = try practitioner(of: share.engagement)
      else { return nil }
      let entry = share.target.record.flatMap { tree[$0] }
      let isVault = share.target == .vault
      return StandingItem(
        id: share.id, space: share.engagement, practitioner: practitioner,
        path: isVault ? nil : entry.map { tree.path(of: $0.id) } ?? "",
        isThere: isVault || entry != nil, isExclusion: share.isExclusion,
        permissions: share.terms.permissions, untilMilliseconds: share.terms.untilMilliseconds,
        graceMilliseconds: share.terms.graceMilliseconds,
        isInForce: try share.isInForce(nowMilliseconds: now)
          && consent(of: share.engagement).status == .active,
        isSent: share.isSent)
    }
  }
}
