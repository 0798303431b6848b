import CBOR
import Merge
import SyncProtocol

/// The standing shares of the own vault.
extension Replica {
  static let standingType = "standing_share"

  /// Whether there are any; opens nothing.
  func hasStandingShares() throws -> Bool {
    guard try store.knows(vault) else { return false }
    return try database.first(
      "SELECT 1 FROM standing_share WHERE space = ? LIMIT 1",
      .integer(store.number(of: vault))
    ) { _ in true } ?? false
  }

  /// All that can be opened, oldest first.
  ///
  /// - Throws: ``ReplicaError/notReady(_:)`` while the key of one has not arrived: what it says counts.
  func standingShares() throws -> [StandingShare] {
    try shownRecords(Self.standingType, in: vault).compactMap { try standingShare($0) }
  }

  /// Those of the open engagement with a person.
  func standingShares(with account: AccountID) throws -> [StandingShare] {
    guard let space = try engagement(with: account) else { return [] }
    return try standingShares().filter { $0.engagement == space }
  }

  private func standingShare(_ record: ShownRecord) throws -> StandingShare? {
    guard let terms = record.sibling("terms") else { return nil }
    let engagement: SpaceID?
    let target: StandingShare.Target?
    let said: [UInt8]?
    do {
      said = try openValue(record, "terms")?.bytes
      engagement = try openValue(record, "engagement")?.bytes.flatMap { SpaceID($0) }
      target = try self.target(of: record)
    } catch ReplicaError.cannotOpen {
      // What no key opens says nothing.
      return nil
    }
    guard let said, let engagement else {
      throw ReplicaError.notReady("the key of the vault has not arrived")
    }
    guard let target else { return nil }
    return StandingShare(
      id: record.id, engagement: engagement, target: target,
      terms: StandingShare.Terms(decoding: said), written: terms.authorship.time,
      isSent: terms.position.pendingSequence == nil)
  }

  private func target(of record: ShownRecord) throws -> StandingShare.Target? {
    for (field, make) in [
      ("file", StandingShare.Target.file), ("folder", StandingShare.Target.folder),
    ] where record.value(field) != nil {
      return try openValue(record, field)?.bytes.flatMap { RecordID($0) }.map(make)
    }
    return .vault
  }

  // MARK: Writing

  /// Says what is shared of a target in an engagement: changes what was said of it, or says it anew.
  func write(
    _ terms: StandingShare.Terms, for target: StandingShare.Target, in engagement: SpaceID
  ) throws {
    let known = try standingShares().filter {
      $0.engagement == engagement && $0.target == target
    }
    // Of two that were made at once the others go; that the oldest is changed, not made again, lets
    // whoever ends it elsewhere at the same time end it.
    let change =
      known.first.map {
        Draft.Change(
          .update, Self.standingType, $0.id, [Draft.Write("terms", .bytes(terms.encoded))])
      }
      ?? Draft.Change(
        .create, Self.standingType, TimeOrderedID.make(RecordID.self, environment),
        target.writes + [
          Draft.Write("engagement", .bytes(engagement.bytes)),
          Draft.Write("terms", .bytes(terms.encoded)),
        ])
    try write(Draft([change]), in: vault)
    try endStanding(Array(known.dropFirst()))
  }

  /// - Returns: whether there was any.
  func endStanding(
    of targets: [StandingShare.Target], with account: AccountID
  ) throws -> Bool {
    guard try hasStandingShares() else { return false }
    let wanted = Set(targets)
    let found = try standingShares(with: account).filter { wanted.contains($0.target) }
    try endStanding(found)
    return found.contains { !$0.isExclusion }
  }

  /// What is deleted is shared with nobody any more.
  func endStanding(of entries: [VaultTree.Entry]) throws {
    guard try hasStandingShares() else { return }
    let targets = Set(entries.map { StandingShare.Target($0) })
    do {
      try endStanding(standingShares().filter { targets.contains($0.target) })
    } catch ReplicaError.notReady {
      // It names nothing any more; that must not hold up the deletion.
      return
    }
  }

  /// Needs no key.
  func endStanding(_ standing: [StandingShare]) throws {
    for start in stride(from: 0, to: standing.count, by: Commit.changeCountMax) {
      let part = standing[start..<min(start + Commit.changeCountMax, standing.count)]
      try write(
        Draft(part.map { Draft.Change(.delete, Self.standingType, $0.id) }), in: vault)
    }
  }
}
