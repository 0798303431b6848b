import CBOR
import Merge
import SpaceStore

/// A record as it is shown: accepted state and what this device has not sent yet.
struct ShownRecord {
  let space: SpaceID
  let type: RecordType
  let id: RecordID
  let created: Position
  private let state: RecordState

  /// `nil` for a record that does not exist or was deleted.
  init?(space: SpaceID, type: RecordType, id: RecordID, state: RecordState) {
    guard let created = state.created, !state.isGone(type.concurrentDelete) else { return nil }
    self.space = space
    self.type = type
    self.id = id
    self.created = created
    self.state = state
  }

  /// The sibling that the field's rule shows.
  func sibling(_ field: String) -> Sibling? {
    guard let declared = type.field(field) else { return nil }
    return declared.winner(of: state.registers[field] ?? Register(), in: type)
  }

  /// `nil` where the field was never written, or cleared.
  func value(_ field: String) -> CBORValue? {
    guard let value = sibling(field)?.value, value != .null else { return nil }
    return value
  }

  /// Every present value of a field, the concurrent ones included.
  func values(_ field: String) -> [CBORValue] {
    state.registers[field]?.siblings.map(\.value) ?? []
  }

  /// Every standing write of a field.
  func siblings(_ field: String) -> [Sibling] { state.registers[field]?.siblings ?? [] }

  /// What a guarded write has to name: everything that its author is shown.
  func shownOrigins(_ field: String) -> [Origin] {
    state.registers[field]?.siblings.map(\.authorship.origin) ?? []
  }
}

extension Replica {
  func shownRecord(_ type: String, _ id: RecordID, in space: SpaceID) throws -> ShownRecord? {
    guard let declared = store.schema.type(type) else {
      preconditionFailure("\(type) is built in")
    }
    let key = RowKey(space: try store.number(of: space), type: type, record: id)
    return ShownRecord(
      space: space, type: declared, id: id, state: try store.tables.shownState(key))
  }

  /// All shown records of a type, in the order of their ids.
  func shownRecords(_ type: String, in space: SpaceID) throws -> [ShownRecord] {
    guard try store.knows(space) else { return [] }
    let ids = try database.rows(
      "SELECT record FROM \"\(type)\" WHERE space = ? ORDER BY record",
      .integer(try store.number(of: space))
    ) { try Self.recordID($0.blob(0)) }
    return try ids.compactMap { try shownRecord(type, $0, in: space) }
  }

  static func recordID(_ bytes: [UInt8]) throws -> RecordID {
    guard let id = RecordID(bytes) else { throw ReplicaError.homeDamaged("record id") }
    return id
  }

  /// The text of a sealed field.
  ///
  /// - Returns: `nil` where there is none, or its key is not held.
  func openText(_ record: ShownRecord, _ field: String) throws -> String? {
    try openValue(record, field)?.text
  }

  /// The value of a sealed field.
  ///
  /// - Returns: `nil` where there is none, or its key is not held.
  func openValue(_ record: ShownRecord, _ field: String) throws -> CBORValue? {
    guard let sibling = record.sibling(field), let sealed = sibling.value.bytes else { return nil }
    return try unseal(
      sealed, space: record.space, type: record.type.name, record: record.id, key: field,
      author: sibling.authorship.origin.replica.device)
  }

  /// When the commit at a position was written.
  func time(of position: Position, in space: SpaceID) throws -> HybridTime {
    try store.log.authorship(space: try store.number(of: space), at: position).time
  }

  /// The device in whose journal the commit at a position stands: who signed it.
  func signer(at position: Position, in space: SpaceID) throws -> DeviceID? {
    if position.pendingSequence != nil { return identity.device }
    return try store.log.entry(space: try store.number(of: space), at: position)?
      .journalOrigin?.replica.device
  }
}
