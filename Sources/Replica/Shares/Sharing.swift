import Merge
import Sealing
import Signing
import SyncProtocol

/// Sharing files of the own vault: only a key moves, the bytes stay where they are.
extension Replica {
  /// Shares a file with a person, or changes how it is shared with them. Works offline.
  ///
  /// A share is of the file: new versions follow while it is active, revoked shares never get another
  /// key.
  ///
  /// - Parameters:
  ///   - untilMilliseconds: the end; `nil`: as long as the consent holds.
  ///   - permissions: of ``Permission/downloadFiles`` and ``Permission/addNotes``, and no more than
  ///     the consent allows. ``Permission/viewFiles`` is always among them.
  /// - Throws: ``AccessDenial`` where the consent does not hold or does not allow that much.
  @discardableResult
  public func share(
    _ path: String, with account: AccountID, untilMilliseconds: UInt64?,
    permissions: [Permission]
  ) throws -> ShareItem {
    let terms = ConsentTerms(
      permissions: permissions, untilMilliseconds: untilMilliseconds)
    return try share(path, with: account, terms, answering: nil)
  }

  /// - Parameter request: the request that the share answers.
  func share(
    _ path: String, with account: AccountID, _ terms: ConsentTerms, answering request: RecordID?
  ) throws -> ShareItem {
    try requireServerClock()
    let entry = try vaultTree().file(at: path)
    let space = try openEngagement(with: account)
    // Nobody can download or note on what they may not see.
    let terms = ConsentTerms(
      permissions: terms.permissions + [.viewFiles], untilMilliseconds: terms.untilMilliseconds)
    let version = try currentVersion(of: entry.id, name: path)
    let key = try vaultFileKey(version, name: path)
    let existing = try shareToChange(of: entry.id, with: account, in: space)
    let id = existing?.id ?? TimeOrderedID.make(RecordID.self, environment)
    try audited(.share, id, in: space) { noteGranted in
      try checkConsent(space, terms)
      try transaction {
        let grant = ShareGrant(
          name: entry.name, version: version, terms: terms, request: request)
        try write(grant, as: id, changing: existing, key: key, for: account, in: space)
        try noteGranted()
      }
    }
    guard let record = try shownRecord("share", id, in: space), let share = Share(record),
      let item = try item(share)
    else { throw ReplicaError.homeDamaged("share") }
    return item
  }

  /// - Throws: why there is nobody to share with: what the consent says, where there is one.
  func openEngagement(with account: AccountID) throws -> SpaceID {
    if let space = try engagement(with: account) { return space }
    let assignment = try assignments().last {
      $0.client == identity.account && $0.practitioner == account
    }
    guard let status = assignment?.state.status, status != .active, status != .pending else {
      throw ReplicaError.notReady("there is no open engagement with \(personName(account))")
    }
    throw AccessDenial.consentInactive(status)
  }

  func checkConsent(_ space: SpaceID, _ terms: ConsentTerms) throws {
    let consent = try consent(of: space)
    guard consent.status == .active else { throw AccessDenial.consentInactive(consent.status) }
    for permission in terms.permissions where !consent.terms.permissions.contains(permission) {
      throw AccessDenial.permissionMissing(permission)
    }
    if let until = terms.untilMilliseconds, until <= (try nowMilliseconds) {
      throw ReplicaError.badInput("the end of a share has to lie ahead")
    }
  }

  /// The share that is changed rather than made again: one for the key that the person has now.
  private func shareToChange(
    of file: RecordID, with account: AccountID, in space: SpaceID
  ) throws -> Share? {
    let key = try accountKey(of: account)
    let found = try shares(ofFile: file, in: space).filter { $0.accountKey == key }
    return found.last { !$0.isRevoked } ?? found.last
  }

  // MARK: New versions

  /// Gives a new version to those with whom the file is shared now.
  ///
  /// - Returns: how many shares follow.
  func passOn(_ version: SealedVersion, key: FileKey) throws -> Int {
    var count = 0
    for space in try sharingEngagements() {
      guard try store.state(space).ended == nil, try consent(of: space).status == .active,
        let account = try store.state(space).members
          .first(where: { $0.value.role != .client && $0.value.until == nil })?.key,
        let accountKey = try chains.accountChain(account)?.accountKey, try mayWrap(for: account)
      else { continue }
      let now = try nowMilliseconds
      for share in try shares(ofFile: version.file, in: space)
      where share.accountKey == accountKey && share.isActive(nowMilliseconds: now) {
        try write(content: version, key: key, to: share, for: account)
        count += 1
      }
    }
    return count
  }
}
