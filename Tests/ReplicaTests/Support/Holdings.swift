import Merge
import SyncProtocol

@testable import SpaceStore

/// What one database holds of its spaces: the things that have to be equal everywhere.
struct Holdings: Equatable {
  struct Row: Hashable, Comparable {
    let space: SpaceID
    let type: String
    let record: RecordID

    static func < (left: Row, right: Row) -> Bool {
      (left.space, left.type, left.record) < (right.space, right.type, right.record)
    }
  }

  /// `SpaceState.stored` of each opened space.
  private(set) var states: [SpaceID: [UInt8]] = [:]
  /// Accepted states of all records, hidden ones included.
  private(set) var rows: [Row: RecordState] = [:]

  /// - Parameter spaces: the ones that count.
  init(_ store: SpaceStore, spaces: [SpaceID]) throws {
    for space in spaces {
      let state = try store.state(space)
      states[space] = state.stored
      for key in try store.keys(of: space) {
        let row = Row(space: space, type: key.type, record: key.record)
        let accepted = try store.tables.acceptedState(key)
        if accepted.created != nil { rows[row] = accepted }
      }
    }
  }
}
