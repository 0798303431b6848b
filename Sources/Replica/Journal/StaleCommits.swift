import Database
import Merge
import SpaceStore
import SyncProtocol

/// Own commits that were sealed under a key which somebody held who was removed: refused, still shown,
/// and written anew as soon as there is a new epoch (design §7, Epochs).
extension Replica {
  func noteStale(space: Int64, sequence: UInt64) throws {
    try database.run(
      "INSERT OR IGNORE INTO stale_commit VALUES (?, ?)", .integer(space),
      .integer(Int64(sequence)))
  }

  /// In order.
  func staleSequences(space: Int64) throws -> [UInt64] {
    try database.rows(
      "SELECT sequence FROM stale_commit WHERE space = ? ORDER BY sequence", .integer(space)
    ) { UInt64($0.integer(0)) }
  }

  /// Writes anew what waited for a new epoch, where there is one: the same values, context, origin and
  /// time under the new key.
  ///
  /// - Returns: whether anything was written.
  func reissueStale() throws -> Bool {
    var hasWritten = false
    for space in try store.spaceIDs() where try !hasLeft(space) {
      let number = try store.number(of: space)
      let waiting = try staleSequences(space: number)
      guard !waiting.isEmpty else { continue }
      if try store.state(space).ended != nil {
        // What has ended gets no new epoch.
        try transaction { try rejectStale(in: number) }
        continue
      }
      guard try usableEpoch(of: space) != nil else { continue }
      try transaction {
        for sequence in waiting {
          guard let entry = try outboxEntry(space: number, sequence: sequence) else { continue }
          let commit = try entry.commit()
          try reissue(
            entry, commit, at: commit.header.time, space: space, number: number, reseals: true)
        }
      }
      hasWritten = true
    }
    return hasWritten
  }

  /// A space that is left brings no new epoch: what waits for one is refused for good.
  func rejectStale(in space: Int64) throws {
    for sequence in try staleSequences(space: space) {
      try reject(space: space, sequence: sequence, Refusal(.epochStale))
    }
  }
}
