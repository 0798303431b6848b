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
    var renewed = Set(all.filter { $0.accountKey == key }.map(\.file))
    var hasWritten = false
    for share in all where share.accountKey != key && share.isActive(nowMilliseconds: now) {
      let isRemoved = try shownRecord("file", share.file, in: vault) == nil
      try transaction {
        // What cannot be shared anew here is left to another device, and is key debt until then.
        guard try renewed.contains(share.file) || isRemoved || renew(share, for: account) else {
          return
        }
        renewed.insert(share.file)
        try end(share, isAutomatic: true)
        hasWritten = true
      }
    }
    return hasWritten
  }

  /// - Returns: whether the file is shared anew: not if its key is not here, nor for a standing share,
  ///   whose shares are made together.
  private func renew(_ share: Share, for account: AccountID) throws -> Bool {
    if share.isAutomatic { return false }
    let name = try shareName(share)
    let (version, fileKey): (SealedVersion, FileKey)
    do {
      version = try currentVersion(of: share.file, name: name)
      fileKey = try vaultFileKey(version, name: name)
    } catch ReplicaError.fileNotHere {
      return false
    }
    let grant = ShareGrant(
      name: name, version: version, terms: share.terms, request: share.request)
    try write(
      grant, as: TimeOrderedID.make(RecordID.self, environment), changing: nil, key: fileKey,
      for: account, in: share.space)
    return true
  }
}
