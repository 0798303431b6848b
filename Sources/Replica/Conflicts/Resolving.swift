import CBOR
import Merge

/// How a person settles a conflict.
public enum Resolution: Hashable, Sendable {
  /// One of the standing values, by its letter.
  case take(String)
  /// Another value, as typed.
  case value(String)
}

extension Replica {
  /// Writes one value over those that the person was shown (``noteShown(_:)``), so that the conflict ends
  /// everywhere. What came in after they looked is not written over: it is in conflict with the choice.
  /// Where nobody has looked, the values that stand now are meant.
  ///
  /// - Parameter key: the register; `nil` where the record has one conflict.
  /// - Returns: the key, and what it says now.
  /// - Throws: ``ReplicaError/notFound(_:)`` without a conflict, ``ReplicaError/ambiguous(_:_:)`` with
  ///   several and no key, ``ReplicaError/refused(_:)``, ``ReplicaError/badInput(_:)``, also
  ///   where a value that was shown stands no more.
  @discardableResult
  public func resolve(
    _ reference: RecordReference, key: String? = nil, _ resolution: Resolution
  ) throws -> (key: String, value: OpenedValue) {
    let place = try place(reference)
    let state = try store.tables.shownState(place.row)
    let key = try conflictingKey(key, of: state, place)
    if key == Conflict.recordKey {
      return (key, try resolveDeletion(resolution, state, at: place))
    }
    guard let field = place.type.field(FieldWrite(key: key, value: .null).field),
      let register = state.registers[key]
    else { throw ReplicaError.notFound(key) }
    if field.rule == .revokeWins {
      throw ReplicaError.badInput("\(key) is a decision: decide again with its own command")
    }
    let shown = try shownConflict(key, at: place)
    let siblings = try standing(shown, in: register)
    let value: CBORValue
    switch resolution {
    case .take(let letter):
      value = try taken(letter, of: siblings, key: key, field: field, place)
    case .value(let text): value = try typed(text, key: key, field: field, place.type)
    }
    // A guarded write names what it was decided on; others do not carry that.
    let named = field.isGuarded ? siblings.map(\.authorship.origin) : []
    let draft = Draft([
      Draft.Change(
        .update, place.type.name, place.record, [Draft.Write(key, value, shown: named)])
    ])
    try transaction {
      try write(draft, in: place.space, seen: shown?.position)
      try forgetShown(key, at: place)
    }
    let kind = field.rule.isSet ? Field.Kind.boolean : field.kind
    return (key, OpenedValue(value, kind))
  }

  /// The values that a person decides on, in the order of their letters.
  private func standing(_ shown: ShownConflict?, in register: Register) throws -> [Sibling] {
    guard let shown else { return register.siblings }
    return try shown.origins.map { origin in
      guard let found = register.siblings.first(where: { $0.authorship.origin == origin }) else {
        throw ReplicaError.badInput(
          "this has changed since you looked; see `satchel conflicts` again")
      }
      return found
    }
  }

  private func conflictingKey(
    _ key: String?, of state: RecordState, _ place: RecordPlace
  ) throws -> String {
    let isDeletion = try isDeletionConflict(state, at: place)
    let keys = conflictingKeys(of: state, place.type) + (isDeletion ? [Conflict.recordKey] : [])
    if let key {
      guard keys.contains(key) else { throw ReplicaError.notFound("conflict of \(key)") }
      return key
    }
    guard let first = keys.first else { throw ReplicaError.notFound("conflict of this record") }
    guard keys.count == 1 else { throw ReplicaError.ambiguous("conflict", keys) }
    return first
  }

  private func taken(
    _ letter: String, of siblings: [Sibling], key: String, field: Field, _ place: RecordPlace
  ) throws -> CBORValue {
    let found = siblings.enumerated().first {
      Self.letter($0.offset) == letter.uppercased()
    }
    guard let sibling = found?.element else { throw ReplicaError.notFound("value \(letter)") }
    return try plainValue(sibling, of: key, field: field, place)
  }

  /// A standing value as it was before it was sealed.
  func plainValue(
    _ sibling: Sibling, of key: String, field: Field, _ place: RecordPlace
  ) throws -> CBORValue {
    guard field.sealed, sibling.value != .null else { return sibling.value }
    _ = try unlockedKeys()
    let author = sibling.authorship.origin.replica.device
    guard let plain = try plain(sibling.value, of: key, at: place, author: author) else {
      throw ReplicaError.cannotOpen("\(place.type.name).\(key)")
    }
    return plain
  }

  /// The value that a text means in a field.
  func typed(
    _ text: String, key: String, field: Field, _ type: RecordType
  ) throws -> CBORValue {
    if field.rule.isSet { return .bool(try Self.flag(text, key)) }
    switch field.kind {
    case .text, .enumeration: return try type.checked(key, .text(text))
    case .boolean: return .bool(try Self.flag(text, key))
    case .account: return .bytes(try person(named: text).bytes)
    case .integer:
      guard let number = Int64(text) else {
        throw ReplicaError.badInput("\(key): a whole number is expected")
      }
      return .integer(number)
    case .time, .bytes, .record, .list, .set, .group:
      throw ReplicaError.badInput("\(key): take one of the values")
    }
  }

  private static func flag(_ text: String, _ key: String) throws -> Bool {
    switch text {
    case "yes", "true": return true
    case "no", "false": return false
    default: throw ReplicaError.badInput("\(key): yes or no is expected")
    }
  }
}
