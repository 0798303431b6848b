import Merge
import SyncProtocol

/// Taking back what was shared. Works offline, and needs no key.
extension Replica {
  /// Takes a file, or a folder with all that lies in it, back from a person. Each share is ended by a
  /// commit of its own, which nothing holds up; new files in a folder are not shared any more.
  ///
  /// - Parameter path: in the vault, or the name that a file was shared under if it is gone.
  /// - Returns: what was revoked.
  /// - Throws: ``ReplicaError/notFound(_:)`` where nothing of that name is shared with the person.
  @discardableResult
  public func revoke(_ path: String, from account: AccountID) throws -> [ShareItem] {
    let tree = try vaultTree()
    let file: RecordID
    do {
      if let entry = try tree.entry(at: path) {
        if entry.kind == .folder { return try revokeFolder(entry.id, tree, from: account) }
        file = entry.id
      } else {
        return try revokeAll(from: account)
      }
    } catch ReplicaError.notFound {
      file = try share(named: path, other: account).file
    }
    let folders = tree.folders(from: tree[file]?.parent)
    // What takes away comes first: nothing that needs a key holds it up.
    let revoked = try transaction { try revokeShares(ofFile: file, from: account) }
    let hasEnded = try endStanding(of: [.file(file)], with: account)
    let isExcluded = try exclude(.file(file), folders, from: account, unless: !revoked.isEmpty)
    guard !revoked.isEmpty || hasEnded || isExcluded else {
      throw ReplicaError.notFound("share of \(path) with \(personName(account)) to revoke")
    }
    return try givenItems(revoked)
  }

  /// Takes everything back from a person, and lets go of what would share more. The consent stays.
  ///
  /// - Returns: what was revoked.
  @discardableResult
  public func revokeAll(from account: AccountID) throws -> [ShareItem] {
    let revoked = try revokeShares(with: account) { _ in true }
    let standing = try hasStandingShares() ? standingShares(with: account) : []
    try endStanding(standing)
    guard !revoked.isEmpty || !standing.isEmpty else {
      throw ReplicaError.notFound("share with \(personName(account)) to revoke")
    }
    return try givenItems(revoked)
  }

  private func revokeShares(
    with account: AccountID, where isMeant: (Share) -> Bool
  ) throws -> [RecordID] {
    try transaction {
      var revoked: [RecordID] = []
      for space in try revocableEngagements(with: account) {
        for share in try shares(in: space) where !share.isRevoked && isMeant(share) {
          try end(share, isAutomatic: false)
          revoked.append(share.id)
        }
      }
      return revoked
    }
  }

  private func revokeFolder(
    _ folder: RecordID, _ tree: VaultTree, from account: AccountID
  ) throws -> [ShareItem] {
    let below = tree.descendants(of: folder)
    let files = Set(below.filter { $0.kind == .file }.map(\.id))
    let targets = [.folder(folder)] + below.map { StandingShare.Target($0) }
    let revoked = try revokeShares(with: account) { files.contains($0.file) }
    let hasEnded = try endStanding(of: targets, with: account)
    let folders = tree.folders(from: tree[folder]?.parent)
    let isExcluded = try exclude(.folder(folder), folders, from: account, unless: false)
    guard !revoked.isEmpty || hasEnded || isExcluded else {
      throw ReplicaError.notFound(
        "share of \(tree.path(of: folder)) with \(personName(account)) to revoke")
    }
    return try givenItems(revoked)
  }

  /// What lies in a folder, or a vault, that stays shared is left out from now on.
  ///
  /// - Returns: whether it had to be.
  private func exclude(
    _ target: StandingShare.Target, _ folders: [RecordID], from account: AccountID,
    unless isEnough: Bool
  ) throws -> Bool {
    guard try !isEnough && hasStandingShares() else { return false }
    let around: [StandingShare.Target] = folders.map { .folder($0) } + [.vault]
    let covers = try standingShares(with: account).contains {
      !$0.isExclusion && around.contains($0.target)
    }
    guard covers, let space = try engagement(with: account) else { return false }
    try write(.exclusion, for: target, in: space)
    return true
  }

  /// Engagements with a person that still give something out.
  private func revocableEngagements(with account: AccountID?) throws -> [SpaceID] {
    try sharingEngagements().filter { space in
      let state = try store.state(space)
      return state.ended == nil && account.map { state.members[$0] != nil } ?? true
    }
  }

  private func givenItems(_ ids: [RecordID]) throws -> [ShareItem] {
    let wanted = Set(ids)
    return try sharesGiven().filter { wanted.contains($0.id) }
  }

  /// - Parameter account: `nil`: from everybody.
  /// - Returns: the shares that were active until now.
  func revokeShares(ofFile file: RecordID, from account: AccountID?) throws -> [RecordID] {
    var revoked: [RecordID] = []
    for space in try revocableEngagements(with: account) {
      for share in try shares(ofFile: file, in: space) where !share.isRevoked {
        try end(share, isAutomatic: false)
        revoked.append(share.id)
      }
    }
    return revoked
  }
}
