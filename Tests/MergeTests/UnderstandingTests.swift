import CBOR
import Merge
import TestSupport
import Testing

/// What a newer schema lets in, an older one accepts or defers, and never refuses: whoever reads with
/// an older program must not take the server for a liar. And what is not known hides nothing that is.
struct UnderstandingTests {
  /// The types of the tests without some of their words.
  private enum Older {
    static let schema = Schema(
      types: TestSchema.schema.types.filter { $0.name != "comment" }.map {
        $0.name == "ticket" ? ticket : $0
      })

    static let states = ["open", "resolved"]

    static let ticket: RecordType = {
      let newer = TestSchema.ticket
      let fields = newer.fields.filter { $0.name != "labels" }.map { field in
        guard field.name == "status" else { return field }
        return Field(
          name: "status", kind: .enumeration(states), sealed: false, rule: .workflow,
          workflow: "ticket", sizeMax: 100)
      }
      let workflow = newer.workflows[0]
      let isKnown = { (state: String) in states.contains(state) }
      return RecordType(
        name: "ticket", space: .casework, parent: nil, concurrentDelete: .editWins,
        history: .keep, fields: fields,
        workflows: [
          Workflow(
            name: "ticket", states: states, precedence: workflow.precedence.filter(isKnown),
            transitions: workflow.transitions.filter {
              isKnown($0.to) && ($0.from.map(isKnown) ?? true)
            })
        ], creators: newer.creators, deleters: newer.deleters, createPermission: nil)
    }()
  }

  private static func judge(_ fact: LogFact, in space: TestSpace) throws -> Verdict {
    try Acceptance(state: space.state, records: space.records, schema: Older.schema).judge(fact)
  }

  private static func step(
    _ to: String, shown: Origin, by person: Person, in space: TestSpace
  ) -> LogFact {
    let write = FieldWrite.open("status", .text(to), shown: [shown])
    return space.commit(by: person, .update(TestSchema.ticket, 1, write))
  }

  private static let first = Origin(replica: Person.contact.replica, sequence: 1)

  @Test func aWordThatIsNotDeclaredWaits() throws {
    let space = try TestSpace.casework()
    let step = Self.step("closed", shown: Self.first, by: .contact, in: space)
    #expect(try space.judge(step) == .accepted)
    #expect(try Self.judge(step, in: space) == .deferred(.schemaOlder))
  }

  @Test func aStepFromAWordThatIsNotDeclaredWaits() throws {
    var space = try TestSpace.casework()
    let closing = Self.step("closed", shown: Self.first, by: .contact, in: space)
    let shown = space.nextOrigin(of: .contact)
    try space.append(closing)
    // A known word, decided on one that is not known.
    let resolving = Self.step("resolved", shown: shown, by: .staff, in: space)
    #expect(try Self.judge(resolving, in: space) == .deferred(.schemaOlder))
  }

  @Test(arguments: [Person.staff, .contact])
  func whatIsWrongAfterAnUnknownPartIsRefused(person: Person) throws {
    let space = try TestSpace.casework()
    let unknown = RecordChange(
      type: "comment", record: .numbered(5), operation: .create, writes: [.open("text", "t")])
    let wrong = RecordChange.update(TestSchema.ticket, 1, .open("number", .unsigned(7)))
    let commit = space.commit(by: person, unknown, wrong)
    #expect(
      try Self.judge(commit, in: space) == .refused(Refusal(.notAllowed, ["ticket", "number"])))
    let together = RecordChange.update(
      TestSchema.ticket, 1, .open("labels/red", true), .open("number", .unsigned(7)))
    #expect(
      try Self.judge(space.commit(by: person, together), in: space)
        == .refused(Refusal(.notAllowed, ["ticket", "number"])))
  }

  /// An undeclared word is no way around who may write the field.
  @Test func anUndeclaredWordIsRefusedToWhoMayNotWrite() throws {
    let space = try TestSpace.assignment()
    let change = Decision.client("suspended").change
    let own = space.commit(by: .client, change)
    let others = space.commit(by: .practitioner, change)
    #expect(try space.judge(own) == .deferred(.schemaOlder))
    #expect(
      try space.judge(others)
        == .refused(Refusal(.notAllowed, ["assignment", Consent.clientKey])))
  }

  /// A newer schema may call it a restriction, which no clock holds up. Anything else has its limit.
  @Test func onlyWhatMayRestrictMayBeAhead() throws {
    let space = try TestSpace.assignment()
    let change = Decision.client("suspended").change
    let alone = space.commit(by: .client, ahead: 400_000, change)
    #expect(try space.judge(alone) == .deferred(.schemaOlder))
    let more = RecordChange(type: "diary", record: .numbered(3), operation: .update)
    let together = space.commit(by: .client, ahead: 400_000, change, more)
    #expect(try space.judge(together) == .refused(Refusal(.clockAhead, ["400 s"])))
  }

  /// Of several faults each meets another one first, for what it passes over. Neither is a liar.
  @Test(arguments: [false, true])
  func whatAnotherSchemaRefusesIsBelieved(serverIsOlder: Bool) throws {
    let space = try TestSpace.casework()
    let schemas = [TestSchema.schema, Older.schema]
    let judges = (serverIsOlder ? schemas.reversed() : schemas).map {
      Acceptance(state: space.state, records: space.records, schema: $0)
    }
    let number = FieldWrite.open("number", .unsigned(7))
    let word = FieldWrite.open("status", "closed", shown: [space.nextOrigin(of: .staff)])
    let label = FieldWrite.open("labels/red", "red")
    let mystery = RecordChange(type: "comment", record: .numbered(9), operation: .update)
    let facts = [
      space.commit(by: .contact, ahead: 400_000, .update(TestSchema.ticket, 9, label)),
      space.commit(by: .contact, ahead: 400_000, .update(TestSchema.ticket, 9, word)),
      space.commit(by: .contact, ahead: 400_000, .update(TestSchema.ticket, 1, label, number)),
      space.commit(by: .contact, .update(TestSchema.ticket, 1, label, number)),
      space.commit(by: .contact, mystery, .update(TestSchema.ticket, 1, number)),
    ]
    var otherCount = 0
    for fact in facts {
      guard case .commit(let commit, let origin) = fact,
        case .refused(let refusal) = try judges[0].judge(fact)
      else { continue }
      let own = try judges[1].judge(fact)
      if case .refused(let other) = own, other.code != refusal.code { otherCount += 1 }
      let finding = try judges[1].find(refusal, of: commit, by: origin, isWhole: true)
      #expect(finding == .founded || finding == .unverifiable, "\(refusal), not \(own)")
    }
    #expect(otherCount > 1)
  }

  /// Random histories that the newer schema accepts.
  @Test(arguments: 0..<30)
  func whatANewerSchemaAcceptsIsNeverRefused(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var space = try TestSpace.casework()
    var shown = [Self.first]
    var acceptedCount = 0
    var deferredCount = 0
    for number in 0..<60 {
      let person = random.pick([Person.staff, .contact])
      let fact = Self.randomFact(number, by: person, shown, in: space, &random)
      let origin = space.nextOrigin(of: person)
      let older = try Self.judge(fact, in: space)
      guard try space.append(fact) == .accepted else { continue }
      acceptedCount += 1
      if older == .deferred(.schemaOlder) { deferredCount += 1 }
      if case .refused(let refusal) = older { Issue.record("\(number): \(refusal)") }
      shown.append(origin)
    }
    #expect(acceptedCount > 10)
    #expect(deferredCount > 3)
  }

  private static func randomFact(
    _ number: Int, by person: Person, _ shown: [Origin], in space: TestSpace,
    _ random: inout SplitMix64
  ) -> LogFact {
    let last = space.state.position.rawValue
    let seen = Position(UInt64.random(in: last / 2...last, using: &random))
    let change: RecordChange
    switch Int.random(in: 0..<6, using: &random) {
    case 0: change = .create(TestSchema.comment, 10 + number, .open("text", "t"))
    case 1: change = .update(TestSchema.ticket, 1, .open("labels/red", .bool(random.oneIn(2))))
    case 2: change = .update(TestSchema.ticket, 1, .open("title", "t"))
    default:
      let state = random.pick(["open", "resolved", "closed", "reopened"])
      change = .update(
        TestSchema.ticket, 1,
        .open("status", .text(state), shown: shown.filter { _ in random.oneIn(2) }))
    }
    return space.commit(by: person, seen: seen, change)
  }
}
