import CBOR
import Merge
import SyncProtocol

/// Records of types that an organisation has declared: nothing is known of them but their schema.
extension Replica {
  /// A field and what it is to say, as a person types it.
  public struct FieldText: Hashable, Sendable {
    public let field: String
    public let text: String

    /// - Parameter field: the field's name; of a set `field/element`, with `yes` or `no`.
    public init(_ field: String, _ text: String) {
      self.field = field
      self.text = text
    }
  }

  /// The organisation's type that is meant: by its name, or by that without the organisation's ending.
  ///
  /// - Throws: ``ReplicaError/notFound(_:)``.
  public func declaredType(named name: String) throws -> RecordType {
    let names = [name] + (try declaredTypeEnding().map { [name + $0] } ?? [])
    let found = names.lazy.filter(RecordType.isOfOrganisation).compactMap {
      self.store.schema.type($0)
    }
    guard let type = found.first else { throw ReplicaError.notFound("record type \(name)") }
    return type
  }

  /// Makes a record. Works offline.
  ///
  /// - Throws: ``ReplicaError/badInput(_:)``, ``ReplicaError/refused(_:)``, ``ReplicaError/locked``.
  public func newRecord(
    of type: RecordType, _ fields: [FieldText], in space: SpaceID
  ) throws -> RecordReference {
    precondition(RecordType.isOfOrganisation(type.name), "other types have their own ways in")
    let record = TimeOrderedID.make(RecordID.self, environment)
    let writes = try fields.map { try declaredWrite($0, type, RecordState(created: nil)) }
    try write(Draft([Draft.Change(.create, type.name, record, writes)]), in: space)
    return RecordReference(space: space, type: type.name, record: record)
  }

  /// Changes fields of a record in one commit. What a field's only standing value says already is not
  /// written; a decision or a step is taken on all values that stand.
  ///
  /// - Returns: the keys that were written.
  @discardableResult
  public func setRecord(
    _ reference: RecordReference, _ fields: [FieldText]
  ) throws -> [String] {
    guard RecordType.isOfOrganisation(reference.type) else {
      throw ReplicaError.badInput("a \(reference.type) has its own commands")
    }
    let place = try place(reference)
    let state = try store.tables.shownState(place.row)
    guard state.created != nil else { throw ReplicaError.notFound("record") }
    return try update(place, fields.map { try declaredWrite($0, place.type, state) })
  }

  private func declaredWrite(
    _ text: FieldText, _ type: RecordType, _ state: RecordState
  ) throws -> Draft.Write {
    guard let field = type.field(FieldWrite.field(of: text.field)) else {
      throw ReplicaError.badInput("a \(type.name) has no field \(text.field)")
    }
    let register = state.registers[text.field] ?? Register()
    guard type.understands(register, key: text.field) else { throw ReplicaError.schemaOlder }
    return Draft.Write(
      text.field, try declaredValue(text, field, type),
      shown: field.isGuarded ? register.siblings.map(\.authorship.origin) : [])
  }

  /// An empty text takes away what may be taken away.
  private func declaredValue(
    _ text: FieldText, _ field: Field, _ type: RecordType
  ) throws -> CBORValue {
    if text.text.isEmpty, !field.required, !field.rule.isSet { return .null }
    switch field.kind {
    case .record(let wanted):
      let reference = try record(named: text.text)
      guard reference.type == wanted else {
        throw ReplicaError.badInput("\(field.name): a \(wanted) is expected")
      }
      return .bytes(reference.record.bytes)
    case .time:
      guard let milliseconds = Int64(text.text) else {
        throw ReplicaError.badInput("\(field.name): milliseconds since 1970 are expected")
      }
      return .integer(milliseconds)
    default: return try typed(text.text, key: text.field, field: field, type)
    }
  }
}
