import CBOR
import Merge
import Testing

/// What covers a write, and how a stub is judged without its values.
@Suite struct StubTests {
  private static let paper = RecordType(
    name: "paper", space: .casework, parent: nil, concurrentDelete: .editWins, history: .compact,
    fields: [
      Field(name: "title", kind: .text, sealed: false, rule: .latest, sizeMax: 10),
      Field(name: "number", kind: .integer, sealed: false, rule: .once, sizeMax: 10),
    ], workflows: [], creators: [.contact, .staff], deleters: [.staff], createPermission: nil)

  private static let slip = RecordType(
    name: "slip", space: .casework, parent: nil, concurrentDelete: .deleteWins,
    history: .compact, fields: paper.fields, workflows: [], creators: [.contact, .staff],
    deleters: [.staff], createPermission: nil)

  // MARK: Coverage

  private func place(_ key: String, _ type: RecordType = Self.paper) -> WritePlace {
    WritePlace(
      type: type.name, record: .numbered(1), key: key, position: Position(5), origin: .of(1, 3))
  }

  private func isCovered(
    _ key: String = "title", by change: RecordChange, at position: UInt64 = 9, seen: UInt64 = 5,
    origin: Origin = .of(2, 1), type: RecordType = Self.paper
  ) -> Bool {
    let stamp = CommitStamp(
      position: Position(position), authorship: Authorship(origin: origin, time: .zero),
      seen: Position(seen))
    return place(key, type).isCovered(by: change, stamp, type: type)
  }

  private let write = RecordChange.update(Self.paper, 1, .open("title", .text("b")))

  @Test func aLaterWriteThatHasSeenItCovers() {
    #expect(isCovered(by: write))
    #expect(!isCovered(by: write, seen: 4))
    #expect(!isCovered(by: write, at: 5))
    #expect(!isCovered(by: .update(Self.paper, 2, .open("title", .text("b")))))
    #expect(!isCovered(by: .update(Self.slip, 1, .open("title", .text("b")))))
    #expect(!isCovered(by: .update(Self.paper, 1, .open("number", .unsigned(1)))))
  }

  @Test func theSameAuthorsLaterWriteCoversUnseen() {
    #expect(isCovered(by: write, seen: 0, origin: .of(1, 4)))
    #expect(!isCovered(by: write, seen: 0, origin: .of(1, 3)))
    #expect(!isCovered(by: write, seen: 0, origin: .of(1, 2)))
  }

  /// Acceptance goes by what was written first.
  @Test func whatIsWrittenOnceIsCoveredByADeleteOnly() {
    let change = { RecordChange.update($0, 1, .open("number", .unsigned(1))) }
    #expect(!isCovered("number", by: change(Self.paper)))
    #expect(!isCovered("number", by: change(Self.slip), type: Self.slip))
    #expect(isCovered("number", by: .delete(Self.slip, 1), type: Self.slip))
  }

  @Test func aDeleteCoversWhereItIsFinal() {
    #expect(isCovered(by: .delete(Self.slip, 1), type: Self.slip))
    #expect(!isCovered(by: .delete(Self.slip, 1), seen: 4, type: Self.slip))
    #expect(!isCovered(by: .delete(Self.paper, 1)))
  }

  @Test func decisionsStayWhateverTheSchemaSays() {
    let decided = RecordType(
      name: "decided", space: .casework, parent: nil, concurrentDelete: .editWins,
      history: .compact, fields: TestSchema.share.fields, workflows: [], creators: [.staff],
      deleters: [], createPermission: nil)
    #expect(!decided.isCompactable)
    #expect(!TestSchema.ticket.isCompactable)
    #expect(Self.paper.isCompactable)
  }

  // MARK: Applying

  private func stamp(_ position: UInt64, _ origin: Origin, seen: UInt64) -> CommitStamp {
    CommitStamp(
      position: Position(position), authorship: Authorship(origin: origin, time: .zero),
      seen: Position(seen))
  }

  /// What overwrote a value may be overwritten by somebody who had not seen that value.
  @Test func aStubOverwritesAsItsCommitDid() {
    let create = RecordChange.create(Self.paper, 1, .open("title", .text("a")))
    let stamps = [
      stamp(1, .of(1, 1), seen: 0), stamp(2, .of(2, 1), seen: 1), stamp(3, .of(2, 2), seen: 0),
    ]
    var whole = RecordState()
    whole.apply(create, of: stamps[0])
    var compacted = whole
    whole.apply(write, of: stamps[1])
    compacted.applyStub(write, of: stamps[1])
    #expect(whole != compacted)
    #expect(compacted.registers.isEmpty)
    whole.apply(write, of: stamps[2])
    compacted.apply(write, of: stamps[2])
    #expect(whole == compacted)
  }

  // MARK: Judging

  /// The casework space of ``TestSpace``, in which papers and slips exist too.
  private func judge(_ space: TestSpace, _ fact: LogFact) throws -> Verdict {
    try Acceptance(
      state: space.state, records: space.records,
      schema: Schema(types: TestSchema.schema.types + [Self.paper, Self.slip])
    ).judge(fact)
  }

  private func stub(_ fact: LogFact) -> LogFact {
    guard case .commit(let commit, let origin) = fact else {
      preconditionFailure("only commits become stubs")
    }
    let changes = commit.changes.map { change in
      RecordChange(
        type: change.type, record: change.record, operation: change.operation,
        writes: change.writes.map {
          FieldWrite(key: $0.key, value: .null, sealed: $0.sealed, shown: $0.shown)
        })
    }
    return .stub(Commit(header: commit.header, changes: changes), origin)
  }

  @Test func aStubIsJudgedWithoutItsValues() throws {
    let space = try TestSpace.casework()
    let fact = space.commit(by: .contact, .create(Self.paper, 7, .open("title", .text("a"))))
    #expect(try judge(space, stub(fact)) == .accepted)
  }

  @Test func keptHistoryIsNotLeftOut() throws {
    let space = try TestSpace.casework()
    let fact = space.commit(
      by: .contact, .update(TestSchema.ticket, 1, .open("title", .text("a"))))
    #expect(try judge(space, fact) == .accepted)
    guard case .refused(let refusal) = try judge(space, stub(fact)) else {
      Issue.record("a stub of kept history was accepted")
      return
    }
    #expect(refusal.code == .malformed)
  }

  @Test(arguments: [
    (Person.outsider, RecordChange.create(Self.paper, 7, .open("title", .null))),
    (.contact, .update(Self.paper, 8, .open("title", .null))),
    (.contact, .create(TestSchema.file, 7, .open("name", .null))),
    (.contact, .create(Self.paper, 7, .sealed("title", under: .numbered(1)))),
    (.contact, .create(Self.paper, 7, .open("title/a", .null))),
  ])
  func whatKeysAndHeaderTellIsJudged(person: Person, change: RecordChange) throws {
    let space = try TestSpace.casework()
    guard case .refused = try judge(space, stub(space.commit(by: person, change))) else {
      Issue.record("\(change) was accepted")
      return
    }
  }

  @Test func aContextBeyondTheLogIsRefused() throws {
    let space = try TestSpace.casework()
    let fact = space.commit(
      by: .contact, seen: space.state.position.next,
      .create(Self.paper, 7, .open("title", .text("a"))))
    #expect(try judge(space, stub(fact)) == .refused(Refusal(.contextAhead)))
  }
}
