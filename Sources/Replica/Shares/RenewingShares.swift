import Merge
import Sealing
import Signing
import SyncProtocol

/// Shares for a key that its owner has replaced.
extension Replica {
  /// Shares again, for the person's present key, what is shared for an older one that a device held
  /// which was taken out since. The old share is revoked, and gets no new versions.
  ///
  /// - Returns: whether anything was written.
  func renewShares() throws -> Bool {
    var hasWritten = false
    for space in try sharingEngagements() {
      let state = try store.state(space)
      guard state.ended == nil, try consent(of: space).status == .active,
        try usableEpoch(of: space) != nil,
        let account = state.members.first(where: { $0.value.role != .client })?.key,
        state.role(of: account) != nil, state.accountKeys[account] != nil,
        try mayWrap(for: account)
      else { continue }
      if try renewShares(for: account, in: space) { hasWritten = true }
    }
    return hasWritten
  }

  private func renewShares(for account: AccountID, in space: SpaceID) throws -> Bool {
    let key = try accountKey(of: account)
    let now = try nowMilliseconds
    let all = try shares(in: space)
    let old = all.filter { $0.accountKey != key && $0.isActive(nowMilliseconds: now) }
    for share in old {
      let isRenewed = all.contains { $0.file == share.file && $0.accountKey == key }
      try transaction {
        if !isRenewed { try renew(share, for: account) }
        try write(
          Draft([
            Draft.Change(
              .update, "share", share.id,
              [
                Draft.Write(
                  "access", Share.accessRevoked, shown: share.record.shownOrigins("access"))
              ])
          ]), in: space)
      }
    }
    return !old.isEmpty
  }

  /// A file that was removed from the vault meanwhile, or whose key is not here, is not shared again.
  private func renew(_ share: Share, for account: AccountID) throws {
    let name = try shareName(share)
    let (version, fileKey): (SealedVersion, FileKey)
    do {
      version = try currentVersion(of: share.file, name: name)
      fileKey = try vaultFileKey(version, name: name)
    } catch ReplicaError.fileNotHere {
      return
    }
    guard let grant = try store.state(share.space).consent.approvals.last else { return }
    let wrapped = try wrap(version, key: fileKey, for: account, in: share.space)
    let terms = ConsentTerms(
      permissions: share.permissions, untilMilliseconds: share.untilMilliseconds)
    let writes = [
      Draft.Write("name", .text(name)), Draft.Write("media_type", .text(MediaType.of(name))),
      Draft.Write("content", Share.content(wrapped)),
      Draft.Write("access", Share.access(active: terms)),
      Draft.Write("vault", .bytes(version.vault.bytes)),
      Draft.Write("file", .bytes(version.file.bytes)),
      Draft.Write("grant", .bytes(grant.packed)),
      Draft.Write("account_key", .bytes(try accountKey(of: account).bytes)),
    ]
    try write(
      Draft([
        Draft.Change(
          .create, "share", TimeOrderedID.make(RecordID.self, environment), writes)
      ]), in: share.space)
  }
}
