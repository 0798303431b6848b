import CBOR
import Merge
import Signing
import SyncProtocol

/// The duty of every sync: all files, all engagements.
extension Replica {
  /// Makes the shares that stand and are missing, ends those that nothing stands for any more, and gives
  /// each share the latest version of its file. Does nothing on part of a vault: what has not arrived
  /// would look like deleted.
  ///
  /// - Returns: whether anything was written.
  func carryOutStandingShares(_ report: SyncReport) throws -> Bool {
    guard try store.knows(vault), !report.unpulled.contains(vault), try !isForked(vault),
      try !store.isIncomplete(vault), try usableEpoch(of: vault) != nil
    else { return false }
    do {
      var hasWritten = try endStandingOfEnded()
      let grounds = try standingGrounds(except: report.unpulled)
      let seen = try situation(grounds)
      if try isCarriedOut(seen) { return hasWritten }
      var isDone = true
      let tree = try vaultPlaces()
      let latest = try fileSummaries()
      for ground in grounds {
        let (wrote, left) = try carryOut(ground, tree, latest)
        hasWritten = hasWritten || wrote
        isDone = isDone && !wrote && !left
      }
      if isDone {
        try settings.set(.standingDone, seen)
        try settings.set(.standingDue, number: nextEnd(grounds))
      }
      return hasWritten
    } catch ReplicaError.notReady {
      return false
    }
  }

  private func isCarriedOut(_ situation: [UInt8]) throws -> Bool {
    let due = try settings.number(.standingDue) ?? 0
    return try settings.bytes(.standingDone) == situation && nowMilliseconds < due
  }

  /// When the next share ends by itself: what stands may take its place.
  private func nextEnd(_ grounds: [StandingGround]) throws -> UInt64 {
    let now = try nowMilliseconds
    let ends = try grounds.filter { !$0.standing.isEmpty }.flatMap { try shares(in: $0.space) }
      .compactMap(\.untilMilliseconds).filter { $0 > now }
    return ends.min() ?? .max
  }

  /// The vault's folders and files without their names.
  private func vaultPlaces() throws -> VaultTree {
    let number = try store.number(of: vault)
    let rows = try [("folder", "parent", VaultTree.Kind.folder), ("file", "folder", .file)]
      .flatMap { type, field, kind in
        try database.rows(
          "SELECT record, \(field) FROM \(type) WHERE space = ? ORDER BY record", .integer(number)
        ) { row in
          VaultTree.Row(
            id: try Self.recordID(row.blob(0)), kind: kind,
            parent: row.optionalBlob(1).flatMap { RecordID($0) }, name: nil)
        }
      }
    return VaultTree(rows: rows)
  }

  /// - Returns: whether anything was written, and whether something is left that this device cannot do.
  private func carryOut(
    _ ground: StandingGround, _ tree: VaultTree, _ latest: [RecordID: FileSummary]
  ) throws -> (wrote: Bool, left: Bool) {
    var wrote = false
    var left = false
    let given = ground.standing.isEmpty ? [:] : try sharesByFile(in: ground.space)
    for file in try filesToLookAt(ground, tree, latest) {
      let shares = try given[file] ?? self.shares(ofFile: file, in: ground.space)
      guard let entry = tree[file] else {
        // The vault does not have it any more.
        for share in shares where share.isActive(nowMilliseconds: ground.nowMilliseconds) {
          try end(share, isAutomatic: true)
          wrote = true
        }
        continue
      }
      let step = try step(for: file, in: tree.folders(from: entry.parent), shares, ground)
      if try take(step, file, shares, ground) {
        wrote = true
      } else if step != .nothing {
        left = true
      } else if let summary = latest[file] {
        let outdated = outdated(shares, summary, ground)
        let done = try bringUpToDate(outdated, file, ground)
        wrote = wrote || done
        left = left || (!outdated.isEmpty && !done)
      }
    }
    return (wrote, left)
  }

  private func sharesByFile(in space: SpaceID) throws -> [RecordID: [Share]] {
    Dictionary(grouping: try shares(in: space), by: \.file)
  }

  /// Where something stands every file; else those of shares that a device made, that have an older
  /// version, or whose file is gone. Sorted.
  private func filesToLookAt(
    _ ground: StandingGround, _ tree: VaultTree, _ latest: [RecordID: FileSummary]
  ) throws -> [RecordID] {
    let rows = try database.rows(
      "SELECT file, content_version, access_automatic FROM share "
        + "WHERE space = ? AND access_state = 'active'",
      .integer(store.number(of: ground.space))
    ) { row in
      (
        file: try Self.recordID(row.blob(0)), version: row.blob(1),
        isAutomatic: row.optionalInteger(2) == 1
      )
    }
    let isAll = !ground.standing.isEmpty
    let named = rows.filter {
      isAll || $0.isAutomatic || tree[$0.file] == nil
        || latest[$0.file]?.version.bytes != $0.version
    }.map(\.file)
    return Set(named + (isAll ? tree.files.map(\.id) : [])).sorted()
  }

  /// A version that was added where nobody knew of the share yet.
  private func outdated(
    _ shares: [Share], _ latest: FileSummary, _ ground: StandingGround
  ) -> [Share] {
    shares.filter {
      $0.accountKey == ground.key && $0.isActive(nowMilliseconds: ground.nowMilliseconds)
        && $0.content.id != latest.version
    }
  }

  private func bringUpToDate(
    _ shares: [Share], _ file: RecordID, _ ground: StandingGround
  ) throws -> Bool {
    guard !shares.isEmpty, let (version, key) = try openedVersion(of: file) else { return false }
    for share in shares { try write(content: version, key: key, to: share, for: ground.account) }
    return true
  }

  /// What stood for an engagement that has ended does not come back with another.
  private func endStandingOfEnded() throws -> Bool {
    let over = try standingShares().filter { standing in
      guard try store.knows(standing.engagement) else { return false }
      return try store.state(standing.engagement).ended != nil
    }
    try endStanding(over)
    return !over.isEmpty
  }

  /// All that the duty looks at, in short: where it is as it was when all was done, there is nothing to
  /// do.
  private func situation(_ grounds: [StandingGround]) throws -> [UInt8] {
    var writer = CBORWriter()
    writer.array(count: 1 + grounds.count)
    try encode(vault, &writer)
    for ground in grounds {
      writer.array(count: 4)
      try encode(ground.space, &writer)
      writer.octets(ground.key)
      writer.list(ground.standing) { $0.id($1.id) }
      writer.optional(ground.consentUntilMilliseconds) { $0.unsigned($1) }
    }
    return Hasher256.content(writer.bytes).bytes
  }

  private func encode(_ space: SpaceID, _ writer: inout CBORWriter) throws {
    let head = try store.head(space)
    writer.array(count: 3)
    writer.octets(head.hash)
    writer.unsigned(head.position.rawValue)
    writer.octets(try ownJournal(space: store.number(of: space)).hash)
  }
}
