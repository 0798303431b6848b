import CBOR
import Database
import Merge
import SpaceStore

/// The values of a conflict as a person was shown them last: what they decide on.
struct ShownConflict: Hashable {
  /// In the order of their letters.
  let origins: [Origin]
  /// How far the log went then.
  let position: Position
}

extension Replica {
  /// Notes what a person is being shown: ``resolve(_:key:_:)`` decides on these values, by these letters,
  /// and leaves alone what comes in after it.
  public func noteShown(_ conflicts: [Conflict]) throws {
    try transaction {
      for conflict in conflicts {
        let number = try store.number(of: conflict.reference.space)
        try database.run(
          "INSERT OR REPLACE INTO shown_conflict VALUES (?, ?, ?, ?, ?, ?)", .integer(number),
          .text(conflict.reference.type), .blob(conflict.reference.record.bytes),
          .text(conflict.key), .integer(Int64(conflict.logPosition.rawValue)),
          .blob(CBORValue.array(conflict.values.map { .bytes($0.origin.packed) }).encoded))
      }
    }
  }

  /// `nil` where nobody has looked at it here.
  func shownConflict(_ key: String, at place: RecordPlace) throws -> ShownConflict? {
    try database.first(
      "SELECT position, origins FROM shown_conflict "
        + "WHERE space = ? AND type = ? AND record = ? AND key = ?",
      .integer(place.number), .text(place.type.name), .blob(place.record.bytes), .text(key)
    ) { row in
      let origins = try CBORValue(decoding: row.blob(1)).array?.map { value in
        value.bytes.flatMap { Origin(packed: $0) }
      }
      guard let origins, !origins.contains(nil) else {
        throw ReplicaError.homeDamaged("shown_conflict")
      }
      return ShownConflict(
        origins: origins.compactMap(\.self), position: Position(UInt64(row.integer(0))))
    }
  }

  func forgetShown(_ key: String, at place: RecordPlace) throws {
    try database.run(
      "DELETE FROM shown_conflict WHERE space = ? AND type = ? AND record = ? AND key = ?",
      .integer(place.number), .text(place.type.name), .blob(place.record.bytes), .text(key))
  }
}
