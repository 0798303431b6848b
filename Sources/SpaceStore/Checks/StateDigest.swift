import Database
import Merge
import Signing
import SyncProtocol

extension SpaceStore {
  /// One hash over what a space's log comes to at its position: state, records with all siblings,
  /// deletions and clocks. The same on the server and on every device that stands there and has the
  /// same record types (design §6); own unsent commits are left out.
  public func digest(of space: SpaceID) throws -> Digest {
    var hasher = Hasher256(domain: Domain.stateDigest.rawValue)
    let head = try head(space)
    Self.update(&hasher, head.space.bytes)
    hasher.update(head.incarnation)
    hasher.update(head.position.rawValue)
    hasher.update(head.hash)
    Self.update(&hasher, try state(space).stored)
    for key in try keys(of: space).sorted() {
      let state = try tables.acceptedState(key)
      guard state.created != nil else { continue }
      Self.update(&hasher, Array(key.type.utf8))
      Self.update(&hasher, key.record.bytes)
      Self.update(&hasher, state.stored)
    }
    return hasher.finalize()
  }

  private static func update(_ hasher: inout Hasher256, _ part: [UInt8]) {
    hasher.update(UInt64(part.count))
    hasher.update(part)
  }

  /// All records of a space that anything is known of, shown or not.
  package func keys(of space: SpaceID) throws -> Set<RowKey> {
    let number = try number(of: space)
    var keys: Set<RowKey> = []
    for type in schema.types {
      try database.each(
        "SELECT record FROM \"\(type.name)\" WHERE space = ?", .integer(number)
      ) { keys.insert(try Self.key(number, type.name, $0.blob(0))) }
    }
    for table in ["_hidden", "_accepted"] {
      try database.each(
        "SELECT type, record FROM \(table) WHERE space = ?", .integer(number)
      ) { keys.insert(try Self.key(number, $0.text(0), $0.blob(1))) }
    }
    return keys
  }

  private static func key(_ space: Int64, _ type: String, _ record: [UInt8]) throws -> RowKey {
    guard let record = RecordID(record) else { throw StateError.damaged }
    return RowKey(space: space, type: type, record: record)
  }
}
