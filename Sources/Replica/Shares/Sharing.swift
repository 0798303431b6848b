import CBOR
import Merge
import Sealing
import Signing
import SyncProtocol

/// Sharing files of the own vault: only a key moves, the bytes stay where they are.
extension Replica {
  /// Why there is nobody to share with: what the consent says, where there is one.
  private func noEngagement(with account: AccountID) throws -> any Error {
    let assignment = try assignments().last {
      $0.client == identity.account && $0.practitioner == account
    }
    guard let status = assignment?.state.status, status != .active, status != .pending else {
      return ReplicaError.notReady("there is no open engagement with \(personName(account))")
    }
    return AccessDenial.consentInactive(status)
  }

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
    try requireServerClock()
    let entry = try vaultTree().file(at: path)
    guard let space = try engagement(with: account) else {
      throw try noEngagement(with: account)
    }
    // Nobody can download or note on what they may not see.
    let terms = ConsentTerms(
      permissions: permissions + [.viewFiles], untilMilliseconds: untilMilliseconds)
    let version = try currentVersion(of: entry.id, name: path)
    let key = try vaultFileKey(version, name: path)
    let existing = try shareToChange(of: entry.id, with: account, in: space)
    let id = existing?.id ?? TimeOrderedID.make(RecordID.self, environment)
    try audited(.share, id, in: space) { noteGranted in
      try checkConsent(space, terms)
      try transaction {
        let wrapped = try wrap(version, key: key, for: account, in: space)
        try write(
          Draft([
            try draft(id, existing, entry, wrapped, terms, account: account, in: space)
          ]), in: space)
        try noteGranted()
      }
    }
    guard let record = try shownRecord("share", id, in: space), let share = Share(record),
      let item = try item(share)
    else { throw ReplicaError.homeDamaged("share") }
    return item
  }

  private func checkConsent(_ space: SpaceID, _ terms: ConsentTerms) throws {
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
    let found = try shares(in: space).filter { $0.file == file && $0.accountKey == key }
    return found.last { !$0.isRevoked } ?? found.last
  }

  func accountKey(of account: AccountID) throws -> ExchangePublicKey {
    try requireOneHistory(of: account)
    guard let key = try chains.accountChain(account)?.accountKey else {
      throw ReplicaError.notReady("the keys of \(personName(account)) have not arrived")
    }
    return key
  }

  /// One age stanza to the person's account key, kept beside the engagement.
  func wrap(
    _ version: SealedVersion, key: FileKey, for account: AccountID, in space: SpaceID
  ) throws -> SealedVersion {
    try requireUnchangedKey(of: account)
    let stanza = try X25519Stanza.wrap(
      key, to: try accountKey(of: account), random: environment.random)
    return version.wrapped(as: try keepWrap(stanza, in: space))
  }

  private func draft(
    _ id: RecordID, _ existing: Share?, _ entry: VaultTree.Entry, _ version: SealedVersion,
    _ terms: ConsentTerms, account: AccountID, in space: SpaceID
  ) throws -> Draft.Change {
    let name = VaultName(entry.name).text
    let writes = [
      Draft.Write("name", .text(name)),
      Draft.Write("media_type", .text(MediaType.of(name))),
      // Always a new key wrap: the server has destroyed that of a revoked share.
      Draft.Write("content", Share.content(version)),
      Draft.Write(
        "access", Share.access(active: terms),
        shown: existing?.record.shownOrigins("access") ?? []),
    ]
    if existing != nil { return Draft.Change(.update, "share", id, writes) }
    guard let grant = try store.state(space).consent.approvals.last else {
      throw ReplicaError.refused(Refusal(.grantUnknown))
    }
    return Draft.Change(
      .create, "share", id,
      writes + [
        Draft.Write("vault", .bytes(version.vault.bytes)),
        Draft.Write("file", .bytes(version.file.bytes)),
        Draft.Write("grant", .bytes(grant.packed)),
        Draft.Write("account_key", .bytes(try accountKey(of: account).bytes)),
      ])
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
      for share in try shares(in: space)
      where share.file == version.file && share.accountKey == accountKey
        && share.isActive(nowMilliseconds: now)
      {
        let wrapped = try wrap(version, key: key, for: account, in: space)
        try write(
          Draft([
            Draft.Change(
              .update, "share", share.id, [Draft.Write("content", Share.content(wrapped))])
          ]), in: space)
        count += 1
      }
    }
    return count
  }

  // MARK: Revoking

  /// Takes a file back from a person. Works offline; a commit of its own, which nothing holds up.
  ///
  /// - Parameter path: of the file, or the name it was shared under if it is gone.
  /// - Returns: what was revoked.
  /// - Throws: ``ReplicaError/notFound(_:)`` where nothing of that name is shared with the person.
  @discardableResult
  public func revoke(_ path: String, from account: AccountID) throws -> [ShareItem] {
    let file = try fileToRevoke(path, from: account)
    let revoked = try transaction { try revokeShares(ofFile: file, from: account) }
    guard !revoked.isEmpty else {
      throw ReplicaError.notFound("share of \(path) with \(personName(account)) to revoke")
    }
    return try revoked.compactMap { id in
      try sharesGiven().first { $0.id == id }
    }
  }

  private func fileToRevoke(_ path: String, from account: AccountID) throws -> RecordID {
    do {
      return try vaultTree().file(at: path).id
    } catch ReplicaError.notFound {
      return try share(named: path, other: account).file
    }
  }

  /// - Parameter account: `nil`: from everybody.
  /// - Returns: the shares that were active until now.
  func revokeShares(ofFile file: RecordID, from account: AccountID?) throws -> [RecordID] {
    var revoked: [RecordID] = []
    for space in try sharingEngagements() {
      let state = try store.state(space)
      // An ended engagement gives nothing out any more.
      guard state.ended == nil, account.map({ state.members[$0] != nil }) ?? true else { continue }
      for share in try shares(in: space) where share.file == file && !share.isRevoked {
        try write(
          Draft([
            Draft.Change(
              .update, "share", share.id,
              [
                Draft.Write(
                  "access", Share.accessRevoked, shown: share.record.shownOrigins("access"))
              ])
          ]), in: space)
        try audit(.revoke, share.id, in: space, .granted)
        revoked.append(share.id)
      }
    }
    return revoked
  }
}
