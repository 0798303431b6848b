import CBOR
import Merge
import Schemas
import TestSupport

@testable import Database
@testable import SpaceStore

/// Record types that use every kind of value, every rule and both ways to delete.
enum TestSchema {
  static let schema = Schema(types: [sample, remark] + BuiltInSchema.schema.types)

  static let sample = RecordType(
    name: "sample", space: .casework, parent: nil, concurrentDelete: .editWins, history: .compact,
    fields: [
      field("title", .text, .latest), field("secret", .text, .latest, sealed: true),
      field("amount", .integer, .all), field("flag", .boolean, .latest),
      field("due", .time, .latest), field("raw", .bytes, .once),
      field("owner", .account, .latest), field("link", .record("remark"), .latest),
      field("level", .enumeration(words), .highest, order: words),
      field("floor", .enumeration(words), .lowest, order: words),
      field("numbers", .list(.integer), .latest), field("names", .list(.text), .latest),
      field("owners", .list(.account), .latest), field("flags", .list(.boolean), .latest),
      field("labels", .set(.text), .addWins), field("watchers", .set(.text), .removeWins),
      field("plan", .group(components), .latest),
      field("decided", .enumeration(words), .revokeWins, order: words),
    ],
    workflows: [], creators: [.contact, .staff], deleters: [.staff], createPermission: nil)

  /// Types without a guarded field: those keep their values for ever.
  static let compactable = Schema(types: [plain, remark])

  static let plain = RecordType(
    name: "sample", space: sample.space, parent: nil, concurrentDelete: sample.concurrentDelete,
    history: .compact, fields: sample.fields.filter { !$0.isGuarded }, workflows: [],
    creators: sample.creators, deleters: sample.deleters, createPermission: nil)

  static let remark = RecordType(
    name: "remark", space: .casework, parent: nil, concurrentDelete: .deleteWins,
    history: .compact, fields: [field("text", .text, .latest), field("score", .integer, .latest)],
    workflows: [], creators: [.contact, .staff], deleters: [.staff], createPermission: nil)

  static let words = ["low", "middle", "high"]

  private static let components = [
    Field.Component(name: "at", kind: .time, required: false),
    Field.Component(name: "mode", kind: .text, required: true),
    Field.Component(name: "who", kind: .list(.account), required: false),
  ]

  private static func field(
    _ name: String, _ kind: Field.Kind, _ rule: Rule, sealed: Bool = false, order: [String] = []
  ) -> Field {
    Field(name: name, kind: kind, sealed: sealed, rule: rule, order: order, sizeMax: 1000)
  }
}

/// A store in memory.
func makeStore(
  keepsHeads: Bool = false, schema: Schema = TestSchema.schema
) throws -> SpaceStore {
  let database = try SQLiteDatabase.inMemory()
  for statement in SpaceStore.allStatements {
    try database.execute(statement)
  }
  return try SpaceStore(
    database: database, schema: schema, server: .numbered(99), keepsHeads: keepsHeads,
    compacts: keepsHeads)
}

extension SplitMix64 {
  mutating func number(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &self)
  }

  /// A value that the field may hold; now and then `null`.
  mutating func value(of field: Field) -> CBORValue {
    if oneIn(8) { return .null }
    return field.sealed ? .bytes(bytes(number(1...40))) : value(of: field.kind)
  }

  mutating func value(of kind: Field.Kind) -> CBORValue {
    switch kind {
    case .text: return .text(text())
    case .integer: return .integer(Int64(bitPattern: pick([next(), 0, 1 << 63, UInt64.max])))
    case .boolean: return .bool(oneIn(2))
    case .time: return .integer(Int64(number(-1000...2_000_000_000)) * 1000)
    case .bytes: return .bytes(bytes(number(0...20)))
    case .account: return .bytes(bytes(AccountID.byteCount))
    case .record: return .bytes(bytes(RecordID.byteCount))
    case .enumeration(let values): return .text(pick(values))
    case .list(let element):
      return .array((0..<number(0...3)).map { _ in value(of: element) })
    case .set: return .bool(oneIn(2))
    case .group(let components):
      var entries: [(key: CBORValue, value: CBORValue)] = []
      for component in components where component.required || oneIn(2) {
        entries.append((.text(component.name), value(of: component.kind)))
      }
      return .map(CBORMap(entries))
    }
  }

  /// With all that JSON has to escape, and what lies beyond the first plane.
  mutating func text() -> String {
    let parts = ["", "a", "\"", "\\", "\n", "\u{1}", "\u{1f}", "é", "e\u{301}", "🙂", "/", "'", ","]
    return (0..<number(0...6)).map { _ in pick(parts) }.joined()
  }
}
