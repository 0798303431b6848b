import Database
import Merge
import SpaceStore
import SyncProtocol

/// Entries of a lost incarnation that signed heads have shown to exist, and nobody has handed back.
public struct LostRange: Hashable, Sendable {
  public let space: SpaceID
  public let incarnation: UInt64
  public let first: Position
  public let last: Position
}

extension ServerCore {
  /// Sorted by space and incarnation.
  func lostRanges() throws -> [LostRange] {
    let heads = try database.rows(
      "SELECT space, incarnation, position FROM lost_head ORDER BY space, incarnation"
    ) { row in
      guard let space = SpaceID(row.blob(0)) else { throw StateError.damaged }
      return (space, UInt64(clamping: row.integer(1)), Position(UInt64(clamping: row.integer(2))))
    }
    return try heads.compactMap { space, incarnation, last in
      let known = try store.knows(space) ? try store.state(space).past(incarnation) : nil
      let recoveredTo = known?.recoveredTo ?? .zero
      guard recoveredTo < last else { return nil }
      return LostRange(
        space: space, incarnation: incarnation, first: recoveredTo.next, last: last)
    }
  }
}
