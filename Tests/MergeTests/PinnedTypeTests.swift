import CBOR
import Merge
import Testing

/// An organisation's own record types count where the log has named them, and nowhere else.
@Suite struct PinnedTypeTests {
  private static let type = RecordType(
    name: "x_visit_1", space: .casework, parent: nil, concurrentDelete: .deleteWins,
    history: .compact,
    fields: [Field(name: "room", kind: .text, sealed: false, rule: .latest, sizeMax: 100)],
    workflows: [],
    creators: [.contact], deleters: [.contact], createPermission: nil)

  private static let elsewhere = Verdict.refused(Refusal(.typeElsewhere, [type.name]))

  private func pinned(
    _ organisation: OrganisationID = TestSpace.organisation, index: UInt64 = 3
  ) -> LogFact {
    .typePinned(
      LogFact.PinnedType(
        organisation: organisation, type: Self.type, file: [], hash: .numbered(Int(index)),
        index: index))
  }

  /// As a reader judges who has the type, or has it not.
  private func judge(
    _ space: TestSpace, knowing: Bool, by person: Person = .contact
  ) throws -> Verdict {
    let schema = knowing ? Schema(types: TestSchema.schema.types + [Self.type]) : TestSchema.schema
    return try Acceptance(state: space.state, records: space.records, schema: schema)
      .judge(space.commit(by: person, .create(Self.type, 1, .open("room", "3"))))
  }

  @Test(arguments: [true, false])
  func whatTheLogHasNotNamedIsRefusedWhateverTheReaderKnows(knowing: Bool) throws {
    #expect(try judge(TestSpace.casework(), knowing: knowing) == Self.elsewhere)
  }

  @Test func whatTheLogHasNamedIsJudgedByItsSchema() throws {
    var space = try TestSpace.casework()
    #expect(try space.append(pinned()) == .accepted)
    #expect(try judge(space, knowing: true) == .accepted)
    #expect(try judge(space, knowing: false) == .deferred(.schemaOlder))
    let refusal = Refusal(.notAllowed, [Self.type.name, "create"])
    #expect(try judge(space, knowing: true, by: .staff) == .refused(refusal))
  }

  @Test func anotherOrganisationsTypeDoesNotCount() throws {
    var space = try TestSpace.casework()
    let verdict = try space.append(pinned(.numbered(7)))
    #expect(verdict == .refused(Refusal(.malformed, ["rests on another history"])))
    #expect(try judge(space, knowing: true) == Self.elsewhere)
  }

  /// Where a space rests on no organisation nobody declares types for it.
  @Test func aVaultHasNone() throws {
    let space = TestSpace()
    #expect(try space.judge(pinned()) != .accepted)
  }

  @Test func theStateKeepsTheLatestVersion() throws {
    var space = try TestSpace.casework()
    let before = space.state
    try space.append(pinned())
    try space.append(pinned(index: 5))
    #expect(space.state.pinnedTypes == [Self.type.name: .numbered(5)])
    for state in [before, space.state] {
      let read = try SpaceState(id: state.id, server: state.server, stored: state.stored)
      #expect(read == state)
    }
    #expect(before.stored.prefix(1) == [0x93])
  }
}
