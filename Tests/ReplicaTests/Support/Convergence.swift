import Database
import Merge
import Schemas
import SyncProtocol
import Testing

@testable import Replica
@testable import SpaceStore

/// What one database holds of its spaces: the things that have to be equal everywhere.
struct Holdings: Equatable {
  struct Row: Hashable {
    let space: SpaceID
    let type: String
    let record: RecordID
  }

  /// `SpaceState.stored` of each opened space.
  var states: [SpaceID: [UInt8]] = [:]
  /// Accepted states of all records, hidden ones included.
  var rows: [Row: [UInt8]] = [:]

  /// - Parameter spaces: the ones that count.
  init(_ store: SpaceStore, spaces: [SpaceID]) throws {
    for space in spaces {
      let state = try store.state(space)
      states[space] = state.stored
      let number = try store.number(of: space)
      for key in try Self.keys(store, number) {
        let row = Row(space: space, type: key.type, record: key.record)
        let accepted = try store.tables.acceptedState(key)
        if accepted.created != nil { rows[row] = accepted.stored }
      }
    }
  }

  private static func keys(_ store: SpaceStore, _ number: Int64) throws -> Set<RowKey> {
    var keys: Set<RowKey> = []
    for type in store.schema.types {
      let records = try store.database.rows(
        "SELECT record FROM \"\(type.name)\" WHERE space = ?", .integer(number)
      ) { RecordID($0.blob(0)) }
      for case let record? in records {
        keys.insert(RowKey(space: number, type: type.name, record: record))
      }
    }
    for table in ["_hidden", "_accepted"] {
      let found = try store.database.rows(
        "SELECT type, record FROM \(table) WHERE space = ?", .integer(number)
      ) { ($0.text(0), RecordID($0.blob(1))) }
      for case (let type, let record?) in found {
        keys.insert(RowKey(space: number, type: type, record: record))
      }
    }
    return keys
  }
}

extension Party {
  /// The spaces that this device is in and has not left.
  func presentSpaces() throws -> [SpaceID] {
    try replica.store.spaceIDs().filter { space in
      try replica.store.state(space).kind != nil && !replica.hasLeft(space)
    }
  }

  func unsentCount() throws -> Int {
    let count = try replica.database.first("SELECT COUNT(*) FROM outbox") { $0.integer(0) }
    return Int(count ?? 0)
  }

  func rejectedRefusals() throws -> [Refusal] {
    try replica.database.rows("SELECT refusal FROM rejected ORDER BY number") {
      try Refusal(decoding: $0.blob(0))
    }
  }

  func evidenceKinds() throws -> [String] {
    try replica.database.rows("SELECT kind FROM evidence ORDER BY number") { $0.text(0) }
  }
}

extension World {
  /// The server's own account of its spaces, through a connection beside it.
  func withServerStore<Result>(_ body: (SpaceStore) throws -> Result) throws -> Result {
    let database = try SQLiteDatabase(path: "\(serverDirectory)/server.db")
    let store = SpaceStore(
      database: database, schema: BuiltInSchema.schema, server: server.certificate.device,
      keepsHeads: true)
    return try body(store)
  }

  /// Equal positions, equal state: on every device what the server has, and nothing left to send.
  func expectConverged(_ names: [String]? = nil, _ location: SourceLocation = #_sourceLocation)
    throws
  {
    for name in names ?? parties.keys.sorted() {
      let party = self[name]
      let spaces = try party.presentSpaces()
      let own = try Holdings(party.replica.store, spaces: spaces)
      let servers = try withServerStore { try Holdings($0, spaces: spaces) }
      #expect(own.states == servers.states, "states of \(name)", sourceLocation: location)
      #expect(own.rows == servers.rows, "rows of \(name)", sourceLocation: location)
      let unsent = try party.unsentCount()
      #expect(unsent == 0, "unsent of \(name)", sourceLocation: location)
      try expectShownAsAccepted(party, location)
    }
  }

  /// Without unsent commits no row has an image aside.
  private func expectShownAsAccepted(_ party: Party, _ location: SourceLocation) throws {
    let images = try party.replica.database.first("SELECT COUNT(*) FROM _accepted") {
      $0.integer(0)
    }
    #expect(images == 0, "images of \(party.name)", sourceLocation: location)
  }
}
