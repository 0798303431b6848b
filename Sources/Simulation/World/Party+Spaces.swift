import Database
import Merge
import Replica

extension Party {
  /// The spaces that this device is in and has not left.
  package func presentSpaces() throws -> [SpaceID] {
    try replica.store.spaceIDs().filter { space in
      try replica.store.state(space).kind != nil && !replica.hasLeft(space)
    }
  }

  package func unsentCount() throws -> Int {
    let count = try replica.database.first("SELECT COUNT(*) FROM outbox") { $0.integer(0) }
    return Int(count ?? 0)
  }
}
