import CBOR
import Merge
import SpaceStore

extension Replica {
  /// What a register's sibling says, for a person to read.
  func opened(_ sibling: Sibling, of key: String, at place: RecordPlace) throws -> OpenedValue {
    try opened(
      sibling.value, of: key, at: place, author: sibling.authorship.origin.replica.device)
  }

  func opened(
    _ value: CBORValue, of key: String, at place: RecordPlace, author: DeviceID
  ) throws -> OpenedValue {
    let name = FieldWrite(key: key, value: .null).field
    guard let field = place.type.field(name) else { return OpenedValue(value, .text) }
    if field.rule.isSet { return OpenedValue(value, .boolean) }
    guard field.sealed, value != .null else { return OpenedValue(value, field.kind) }
    guard let plain = try plain(value, of: key, at: place, author: author) else { return .sealed }
    return OpenedValue(plain, field.kind)
  }

  /// The value under the seal; `nil` where it cannot be opened here and now.
  func plain(
    _ value: CBORValue, of key: String, at place: RecordPlace, author: DeviceID
  ) throws -> CBORValue? {
    guard !isLocked, let sealed = value.bytes else { return nil }
    do {
      return try unseal(
        sealed, space: place.space, type: place.type.name, record: place.record, key: key,
        author: author)
    } catch ReplicaError.cannotOpen {
      return nil
    }
  }

  /// The value that a field shows.
  func shown(_ key: String, of state: RecordState, at place: RecordPlace) throws -> OpenedValue {
    guard let field = place.type.field(key), let register = state.registers[key],
      let winner = field.winner(of: register, in: place.type)
    else { return .nothing }
    return try opened(winner, of: key, at: place)
  }

  /// Whether a write would say what the register's only sibling says already.
  ///
  /// With several siblings no write is superfluous: it settles the conflict.
  func isUnchanged(
    _ write: Draft.Write, of state: RecordState, at place: RecordPlace
  ) throws -> Bool {
    let name = FieldWrite(key: write.key, value: write.value).field
    guard let field = place.type.field(name) else { return false }
    let siblings = state.registers[write.key]?.siblings ?? []
    guard let only = siblings.first else {
      return write.value == .null || (field.rule.isSet && write.value == .bool(false))
    }
    guard siblings.count == 1 else { return false }
    guard field.sealed, only.value != .null else { return only.value == write.value }
    return try write.value
      == plain(
        only.value, of: write.key, at: place,
        author: only.authorship.origin.replica.device)
  }
}
