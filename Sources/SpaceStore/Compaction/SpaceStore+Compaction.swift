import Merge
import SyncProtocol

extension SpaceStore {
  /// The tables that compaction needs, beside those of ``createStatements``: a migration of its
  /// own in databases that were made before it.
  public static let compactionStatements =
    StubKeys.createStatements + OverwrittenWrites.createStatements

  /// Whether stubs in the log have keys that nothing covers yet. At the signed head that is withheld
  /// data; before it, what is missing may still follow.
  public func isIncomplete(_ space: SpaceID) throws -> Bool {
    guard try knows(space) else { return false }
    return try !stubKeys.positions(space: number(of: space)).isEmpty
  }

  /// Turns commits of which no value counts any more into stubs. The log's hashes stay as they are.
  ///
  /// - Parameters:
  ///   - horizon: how far every live replica has read: what overwrote the values stands no later.
  ///   - limits: positions at which some readers' view of the log ends. What overwrote a value has to
  ///     lie on the same side as the value.
  ///   - countMax: stubs made at once.
  /// - Returns: how many were made. Fewer than `countMax` when nothing is left to do.
  public func compact(
    _ space: SpaceID, horizon: Position, limits: [Position], countMax: Int
  ) throws -> Int {
    let number = try number(of: space)
    var count = 0
    while count < countMax {
      let found = try overwritten.whole(
        space: number, horizon: horizon, countMax: countMax - count)
      if found.isEmpty { break }
      for (position, last) in found {
        try overwritten.drop(position, space: number)
        if limits.contains(where: { position <= $0 && $0 < last }) { continue }
        guard case .commit(let origin, let commit)? = try log.entry(space: number, at: position)
        else { continue }
        // The count is a hint; what the rows show is never dropped.
        if try stands(commit.decoded(), at: position, space: number) { continue }
        try log.replace(.stub(origin, CommitStub(of: commit)), space: number, at: position)
        count += 1
      }
    }
    return count
  }

  private func stands(_ commit: Commit, at position: Position, space: Int64) throws -> Bool {
    for change in commit.changes {
      let row = RowKey(space: space, type: change.type, record: change.record)
      let registers = try tables.acceptedState(row).registers
      for write in change.writes {
        let siblings = registers[write.key]?.siblings ?? []
        if siblings.contains(where: { $0.position == position }) { return true }
      }
    }
    return false
  }
}
