import Database
import Merge
import SpaceStore

/// Which record of which space is meant.
public struct RecordReference: Hashable, Sendable {
  public let space: SpaceID
  public let type: String
  public let record: RecordID
}

/// A record's place in the tables, with its type.
struct RecordPlace {
  let reference: RecordReference
  /// The space's number in this database.
  let number: Int64
  let type: RecordType

  var space: SpaceID { reference.space }
  var record: RecordID { reference.record }
  var row: RowKey { RowKey(space: number, type: type.name, record: record) }
}

extension Replica {
  func place(_ reference: RecordReference) throws -> RecordPlace {
    guard let type = store.schema.type(reference.type) else {
      throw ReplicaError.badInput("there is no record type \(reference.type)")
    }
    return RecordPlace(
      reference: reference, number: try store.number(of: reference.space), type: type)
  }

  /// The place of a row; `nil` for a type that the schema no longer has.
  func place(_ row: RowKey, in space: SpaceID) -> RecordPlace? {
    guard let type = store.schema.type(row.type) else { return nil }
    return RecordPlace(
      reference: RecordReference(space: space, type: row.type, record: row.record),
      number: row.space, type: type)
  }

  /// The space of each number in this database.
  func spacesByNumber() throws -> [Int64: SpaceID] {
    let pairs = try database.rows("SELECT number, id FROM space") { row in
      guard let id = SpaceID(row.blob(1)) else { throw ReplicaError.homeDamaged("space") }
      return (row.integer(0), id)
    }
    return Dictionary(uniqueKeysWithValues: pairs)
  }
}
