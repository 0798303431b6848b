import Merge
import SpaceStore

/// Turns commits whose values nobody needs any more into stubs: every value overwritten, and the
/// overwriting ones read by every live replica (design §6, Compaction).
struct Compaction {
  let core: ServerCore
  let space: SpaceID

  /// A part of the work, inside of a transaction.
  ///
  /// - Returns: how many stubs were made; fewer than `countMax` when there is no more to do now.
  func step(countMax: Int) throws -> Int {
    guard countMax > 0, let state = try core.openedState(space) else { return 0 }
    let readers = ReaderTable(core: core, space: space)
    try readers.retire()
    guard let horizon = try readers.horizon(state) else { return 0 }
    return try core.store.compact(
      space, horizon: horizon, limits: Self.limits(state), countMax: countMax)
  }

  /// Where the log ends for former members, and for those that an ended engagement let in.
  private static func limits(_ state: SpaceState) -> [Position] {
    (state.members.values.map(\.until) + [state.ended]).compactMap { $0 }.sorted()
  }
}

extension ServerCore {
  /// Stubs made in one transaction.
  private static var compactedCountMax: Int { 1024 }

  /// Compacts all spaces as far as it can be done now.
  ///
  /// - Returns: how many commits became stubs.
  func compact() throws -> Int {
    var sum = 0
    for space in try store.spaceIDs() {
      var count = 0
      repeat {
        count = try transaction {
          try Compaction(core: self, space: space).step(countMax: Self.compactedCountMax)
        }
        sum += count
      } while count == Self.compactedCountMax
    }
    // What was dropped goes from the WAL too.
    _ = try database.checkpoint()
    return sum
  }
}
