import Merge
import Sealing
import SyncProtocol

/// Making, changing and ending the shares that standing shares ask for.
extension Replica {
  /// Does what stands for a file that was just added, changed or moved. Works offline.
  ///
  /// - Parameter folders: that it lies in, nearest first.
  /// - Returns: how many shares were made or changed.
  @discardableResult
  func followStanding(_ file: RecordID, in folders: [RecordID]) throws -> Int {
    guard try hasStandingShares() else { return 0 }
    do {
      return try follow([(file, folders)], standingGrounds())
    } catch ReplicaError.notReady {
      // Without the key of the vault nobody can tell; the next sync does it.
      return 0
    }
  }

  /// The same for several files.
  func followStanding(_ files: [RecordID], _ tree: VaultTree) throws {
    guard try hasStandingShares() else { return }
    do {
      let placed = files.map { ($0, tree.folders(from: tree[$0]?.parent)) }
      _ = try follow(placed, standingGrounds())
    } catch ReplicaError.notReady {
      return
    }
  }

  private func follow(
    _ files: [(id: RecordID, folders: [RecordID])], _ grounds: [StandingGround]
  ) throws -> Int {
    var count = 0
    for ground in grounds where !ground.standing.isEmpty {
      for file in files {
        let shares = try shares(ofFile: file.id, in: ground.space)
        let step = try step(for: file.id, in: file.folders, shares, ground)
        if try take(step, file.id, shares, ground) { count += 1 }
      }
    }
    return count
  }

  func step(
    for file: RecordID, in folders: [RecordID], _ shares: [Share], _ ground: StandingGround
  ) throws -> StandingStep {
    try StandingStep(
      StandingStep.Situation(
        wanted: ground.wanted(for: file, in: folders), shares: shares, key: ground.key,
        nowMilliseconds: ground.nowMilliseconds,
        isOwn: { try self.signer(at: $0.record.created, in: ground.space) == self.identity.device },
        placed: { try self.placed(file, in: folders) }))
  }

  /// - Returns: whether anything was written; `false` for a file that cannot be opened here.
  func take(
    _ step: StandingStep, _ file: RecordID, _ shares: [Share], _ ground: StandingGround
  ) throws -> Bool {
    switch step {
    case .nothing: return false
    case .end(let ids):
      try transaction {
        for share in shares where ids.contains(share.id) { try end(share, isAutomatic: true) }
      }
      return true
    case .share(let id, let terms):
      // Granting waits while the server's clock is not to be trusted.
      guard try settings.text(.serverClockProblem) == nil,
        let (version, key) = try openedVersion(of: file)
      else { return false }
      let existing = shares.first { $0.id == id }
      let new = id ?? TimeOrderedID.make(RecordID.self, environment)
      let grant = ShareGrant(
        name: try fileName(file), version: version, terms: terms, isAutomatic: true)
      try transaction {
        try write(
          grant, as: new, changing: existing, key: key, for: ground.account, in: ground.space)
        try audit(.share, new, in: ground.space, .granted, detail: "standing")
      }
      return true
    }
  }

  /// The latest version and its key; `nil` where they are not here.
  func openedVersion(of file: RecordID) throws -> (SealedVersion, FileKey)? {
    do {
      let version = try currentVersion(of: file, name: "file")
      return (version, try vaultFileKey(version, name: "file"))
    } catch ReplicaError.fileNotHere {
      return nil
    }
  }

  private func fileName(_ file: RecordID) throws -> String {
    guard let record = try shownRecord("file", file, in: vault),
      let name = try openText(record, "name")
    else { return "file-\(file.hex.suffix(8))" }
    return VaultName(name).safe.text
  }

  /// When the file, or a folder that it lies in, was last moved.
  private func placed(_ file: RecordID, in folders: [RecordID]) throws -> HybridTime {
    var latest = try movedAt("file", file, field: "folder")
    for folder in folders {
      latest = max(latest, try movedAt("folder", folder, field: "parent"))
    }
    return latest
  }

  private func movedAt(_ type: String, _ id: RecordID, field: String) throws -> HybridTime {
    guard let record = try shownRecord(type, id, in: vault) else { return .zero }
    if let sibling = record.sibling(field) { return sibling.authorship.time }
    return try time(of: record.created, in: vault)
  }
}
