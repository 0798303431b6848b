import Database
import Merge
import Replica
import Signing
import SpaceStore
import SyncProtocol

/// What one database holds of its spaces: the things that have to be equal everywhere.
package struct Holdings: Equatable {
  package struct Row: Hashable, Comparable {
    package let space: SpaceID
    package let type: String
    package let record: RecordID

    package static func < (left: Row, right: Row) -> Bool {
      (left.space, left.type, left.record) < (right.space, right.type, right.record)
    }
  }

  /// `SpaceState.stored` of each opened space.
  package private(set) var states: [SpaceID: [UInt8]] = [:]
  /// Accepted states of all records, hidden ones included.
  package private(set) var rows: [Row: RecordState] = [:]

  /// - Parameter spaces: the ones that count.
  package init(_ store: SpaceStore, spaces: [SpaceID]) throws {
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

extension World {
  /// The server's own account of its spaces, through a connection beside it.
  package func withServerStore<Result>(_ body: (SpaceStore) throws -> Result) throws -> Result {
    let store = try observer ?? makeObserver()
    // A server that has learnt of record types since has other tables.
    let typeCount = try Self.typeCount(store)
    let present = typeCount == observedTypeCount ? store : try makeObserver()
    observer = present
    observedTypeCount = typeCount
    present.forget()
    return try body(present)
  }

  /// Grows with each version of each type that an organisation declares.
  private static func typeCount(_ store: SpaceStore) throws -> Int64 {
    try store.database.first("SELECT COUNT(*) + SUM(version) FROM _organisation_type") {
      $0.optionalInteger(0) ?? 0
    } ?? 0
  }

  private func makeObserver() throws -> SpaceStore {
    try SpaceStore(
      database: SQLiteDatabase(path: "\(serverDirectory)/server.db"), schema: serverSchema.schema,
      server: server.certificate.device, keepsHeads: true)
  }
}
