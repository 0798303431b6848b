import CBOR
import Database
import Merge
import Schemas
import SyncProtocol
import TestSupport
import Testing

@testable import SpaceStore

/// Tables of organisations' types come with the log, and go with what is rolled back.
@Suite struct OrganisationTypeTests {
  private struct Stop: Error {}

  private static let name = "x_visit_1"

  private func pinned(
    _ index: UInt64, fields: [String], by organisation: OrganisationID = .numbered(1)
  ) throws -> LogFact {
    let declared = fields.map { "\"\($0)\": { \"kind\": \"text\", \"rule\": \"latest\" }" }
    let file = Array(
      """
      {
        "type": "\(Self.name)", "space": "casework", "concurrent_delete": "delete_wins",
        "history": "compact", "fields": { \(declared.joined(separator: ",")) },
        "create": ["staff"], "delete": ["staff"]
      }
      """.utf8)
    return .typePinned(
      LogFact.PinnedType(
        organisation: organisation, type: try SchemaLoader.load(file: "", bytes: file),
        file: file, hash: .numbered(Int(index)), index: index))
  }

  private func append(
    _ fact: LogFact, to store: SpaceStore, in space: SpaceID = .numbered(1)
  ) throws {
    let chain = ChainReference.organisation(.numbered(1))
    try store.append(
      .authority(.chain(chain, ChainPoint(index: 1, hash: .zero))), fact, point: nil, in: space)
  }

  private func columns(_ store: SpaceStore) throws -> Set<String> {
    Set(
      try store.database.rows("SELECT name FROM pragma_table_info('\(Self.name)')") { $0.text(0) })
  }

  @Test func aTableComesWithTheLogAndStays() throws {
    let store = try makeStore()
    try store.transaction { try append(pinned(1, fields: ["room"]), to: store) }
    #expect(store.schema.type(Self.name)?.fields.map(\.name) == ["room"])
    #expect(try columns(store).contains("room"))
    // The program that comes next knows it from the start.
    let next = try SpaceStore(
      database: store.database, schema: TestSchema.schema, server: .numbered(99),
      keepsHeads: false)
    #expect(next.schema.type(Self.name) == store.schema.type(Self.name))
  }

  @Test func aLaterVersionAddsAndAnEarlierOneChangesNothing() throws {
    let store = try makeStore()
    try store.transaction {
      try append(pinned(1, fields: ["room"]), to: store)
      try append(pinned(4, fields: ["floor", "room"]), to: store)
      // Another space may come to the earlier one later.
      try append(pinned(1, fields: ["room"]), to: store, in: .numbered(2))
    }
    #expect(store.schema.type(Self.name)?.fields.count == 2)
    #expect(try columns(store).isSuperset(of: ["floor", "room"]))
  }

  @Test func whatIsRolledBackIsNotKnown() throws {
    let store = try makeStore()
    #expect(throws: Stop.self) {
      try store.transaction {
        try append(pinned(1, fields: ["room"]), to: store)
        throw Stop()
      }
    }
    #expect(store.schema.type(Self.name) == nil)
    #expect(try columns(store) == [])
    try store.transaction { try append(pinned(1, fields: ["room"]), to: store) }
    #expect(try columns(store).contains("room"))
  }

  @Test func twoOrganisationsDoNotMeetUnderOneName() throws {
    let store = try makeStore()
    try store.transaction { try append(pinned(1, fields: ["room"]), to: store) }
    #expect(throws: StateError.damaged) {
      try store.transaction {
        try append(pinned(2, fields: ["other"], by: .numbered(2)), to: store)
      }
    }
    #expect(store.schema.type(Self.name)?.fields.map(\.name) == ["room"])
  }
}
