import CBOR
import Merge
import Schemas
import TestSupport
import Testing

/// What people care about, on the record types as they are released: the table of docs/merge.md.
struct ConsequenceTests {
  /// One record, written by several people. Each test puts the same two writes into the log in both
  /// orders: the second author has not seen the first one's.
  private struct Story {
    let type: RecordType
    private(set) var state = RecordState()
    private var position = Position.zero
    private var sequences: [Int: UInt64] = [:]

    init(_ type: String) throws {
      self.type = try #require(BuiltInSchema.schema.type(type))
    }

    /// - Parameters:
    ///   - seen: the author's context; by default all that is there.
    ///   - time: the author's clock.
    mutating func write(
      _ key: String, _ value: CBORValue, by device: Int, seen: Position? = nil, time: UInt64 = 0
    ) {
      apply(.update, [FieldWrite(key: key, value: value)], device, seen, time)
    }

    mutating func create(by device: Int) { apply(.create, [], device, nil, 0) }

    mutating func delete(by device: Int, seen: Position? = nil) {
      apply(.delete, [], device, seen, 0)
    }

    private mutating func apply(
      _ operation: RecordChange.Operation, _ writes: [FieldWrite], _ device: Int,
      _ seen: Position?, _ time: UInt64
    ) {
      sequences[device, default: 0] += 1
      let known = seen ?? position
      position = position.next
      state.apply(
        RecordChange(
          type: type.name, record: .numbered(1), operation: operation, writes: writes),
        of: CommitStamp(
          position: position,
          authorship: Authorship(
            origin: .of(device, sequences[device] ?? 0),
            time: HybridTime(milliseconds: time, counter: 0)),
          seen: known))
    }

    func shown(_ key: String) throws -> CBORValue? {
      let field = try #require(type.field(FieldWrite.field(of: key)))
      return field.winner(of: state.registers[key] ?? Register(), in: type)?.value
    }

    func valueCount(_ key: String) -> Int { state.registers[key]?.siblings.count ?? 0 }

    var isGone: Bool { state.isGone(type.concurrentDelete) }
  }

  private struct Write {
    let value: CBORValue
    let device: Int
    var time: UInt64 = 0
  }

  /// Both orders of two writes of which neither author had seen the other's.
  private static func bothOrders(
    _ type: String, _ key: String, _ first: Write, _ second: Write
  ) throws -> [Story] {
    try [[first, second], [second, first]].map { writes in
      var story = try Story(type)
      story.create(by: 9)
      for write in writes {
        story.write(
          key, write.value, by: write.device, seen: Position(1), time: write.time)
      }
      return story
    }
  }

  private static func state(_ word: String) -> CBORValue { .map(["state": .text(word)]) }

  private static func decision(_ word: String, _ permissions: [Permission] = []) -> CBORValue {
    let terms = ConsentTerms(permissions: permissions, untilMilliseconds: nil)
    return .map(CBORMap([(.text("decision"), .text(word))] + terms.entries))
  }

  private static func consent(_ story: Story) -> ConsentState {
    Consent(
      terms: story.state.registers[Consent.termsKey] ?? Register(),
      practitioner: story.state.registers[Consent.practitionerKey] ?? Register(),
      client: story.state.registers[Consent.clientKey] ?? Register()
    ).state(nowMilliseconds: 0)
  }

  // MARK: Tickets

  @Test func reopenedBeatsClosed() throws {
    let orders = try Self.bothOrders(
      "ticket", "status", Write(value: Self.state("closed"), device: 1, time: 9),
      Write(value: Self.state("reopened"), device: 2))
    for story in orders {
      #expect(try story.shown("status") == Self.state("reopened"))
      #expect(story.valueCount("status") == 2)
    }
  }

  @Test func closedBeatsWhatStaffDoes() throws {
    for word in ["resolved", "in_progress", "waiting_for_client"] {
      let orders = try Self.bothOrders(
        "ticket", "status", Write(value: Self.state(word), device: 1, time: 9),
        Write(value: Self.state("closed"), device: 2))
      for story in orders { #expect(try story.shown("status") == Self.state("closed")) }
    }
  }

  @Test(arguments: [("priority", "urgent", "low"), ("severity", "critical", "minor")])
  func priorityGoesUp(key: String, high: String, low: String) throws {
    let orders = try Self.bothOrders(
      "ticket", key, Write(value: .text(high), device: 1),
      Write(value: .text(low), device: 2, time: 9))
    for story in orders { #expect(try story.shown(key) == .text(high)) }
    // Whoever has seen it may lower it.
    var story = orders[0]
    story.write(key, .text(low), by: 2)
    #expect(try story.shown(key) == .text(low))
    #expect(story.valueCount(key) == 1)
  }

  @Test(arguments: ["assignee", "title"]) func theLaterOneIsShownAndTheOtherKept(key: String) throws
  {
    let (one, other) = (CBORValue.bytes([1]), CBORValue.bytes([2]))
    let orders = try Self.bothOrders(
      "ticket", key, Write(value: one, device: 1, time: 7),
      Write(value: other, device: 2, time: 8))
    for story in orders {
      #expect(try story.shown(key) == other)
      #expect(story.valueCount(key) == 2)
    }
    // With equal clocks the replica's id decides, the same everywhere.
    let ties = try Self.bothOrders(
      "ticket", key, Write(value: one, device: 1), Write(value: other, device: 2))
    for story in ties { #expect(try story.shown(key) == other) }
  }

  @Test func aLabelThatSomebodyAddsStays() throws {
    let orders = try Self.bothOrders(
      "ticket", "labels/urgent", Write(value: true, device: 1),
      Write(value: false, device: 2, time: 9))
    for story in orders { #expect(try story.shown("labels/urgent") == true) }
  }

  @Test func anEditBringsADeletedTicketBack() throws {
    for deletesFirst in [true, false] {
      var story = try Story("ticket")
      story.create(by: 1)
      story.write("title", .bytes([1]), by: 1)
      if deletesFirst { story.delete(by: 2) }
      story.write("title", .bytes([3]), by: 1, seen: Position(2))
      if !deletesFirst { story.delete(by: 2, seen: Position(2)) }
      #expect(!story.isGone)
    }
  }

  /// A comment is a record of its own: it goes with its ticket, and does not bring it back.
  @Test func aCommentGoesWithItsDeletedTicket() throws {
    var ticket = try Story("ticket")
    ticket.create(by: 1)
    ticket.delete(by: 2)
    var comment = try Story("comment")
    comment.create(by: 1)
    #expect(ticket.isGone)
    #expect(!comment.isGone)
    let parent = try #require(comment.type.parent)
    #expect(parent.type == "ticket")
    #expect(parent.onDelete == .hide)
  }

  @Test func aDeletedCommentStaysDeleted() throws {
    for deletesFirst in [true, false] {
      var story = try Story("comment")
      story.create(by: 1)
      if deletesFirst { story.delete(by: 1) }
      story.write("text", .bytes([1]), by: 2, seen: Position(1))
      if !deletesFirst { story.delete(by: 1, seen: Position(1)) }
      #expect(story.isGone)
    }
  }

  // MARK: Consent

  @Test(arguments: ["revoked", "declined"]) func aNoBeatsAGrant(word: String) throws {
    let orders = try Self.bothOrders(
      "assignment", Consent.clientKey,
      Write(value: Self.decision(word), device: 1),
      Write(value: Self.decision("approved", [.viewFiles]), device: 2, time: 9))
    for var story in orders {
      story.write(
        Consent.practitionerKey, Self.decision("accepted", [.viewFiles]), by: 3, seen: Position(1))
      #expect(try story.shown(Consent.clientKey) == Self.decision(word))
      #expect(Self.consent(story).status.rawValue == word)
      // Whoever has seen the no may give a new yes.
      story.write(Consent.clientKey, Self.decision("approved", [.viewFiles]), by: 2)
      #expect(Self.consent(story).status == .active)
    }
  }

  @Test func bothDeclineIsDeclined() throws {
    for words in [["declined", "declined"], ["declined", "approved"], ["accepted", "declined"]] {
      for isFirst in [true, false] {
        var story = try Story("assignment")
        story.create(by: 9)
        let keys = [Consent.practitionerKey, Consent.clientKey]
        let writes = Array(zip(keys, words))
        for (key, word) in isFirst ? writes : writes.reversed() {
          story.write(
            key, Self.decision(word), by: key == Consent.clientKey ? 1 : 2, seen: Position(1))
        }
        #expect(Self.consent(story).status == .declined)
        #expect(story.valueCount(Consent.clientKey) == 1)
      }
    }
  }

  @Test func permissionsAreWhatEverybodyAllows() throws {
    let orders = try Self.bothOrders(
      "assignment", Consent.clientKey,
      Write(value: Self.decision("approved", [.viewFiles, .addNotes]), device: 1, time: 9),
      Write(value: Self.decision("approved", [.viewFiles]), device: 2))
    for var story in orders {
      story.write(
        Consent.practitionerKey, Self.decision("accepted", Permission.allCases), by: 3,
        seen: Position(1))
      #expect(Self.consent(story).terms.permissions == [.viewFiles])
    }
  }

  /// In the order of the log: what was written before the permission went stands, what comes after it
  /// is refused, whatever its author knew.
  @Test(arguments: [true, false]) func aRemovedPermissionEndsItsUse(isUsedFirst: Bool) throws {
    var space = try TestSpace.engagement()
    let seen = space.state.position
    let removal = TestSpace.consents(
      .client("approved"), .client("approved", ["view_files"]))[1]
    if !isUsedFirst { try space.append(removal) }
    let note = space.commit(
      by: .practitioner, seen: seen, .create(TestSchema.note, 8, TestSpace.noteText))
    let verdict = try space.append(note)
    let refusal = Verdict.refused(Refusal(.permissionMissing, ["add_notes"]))
    #expect(verdict == (isUsedFirst ? .accepted : refusal))
    if isUsedFirst {
      try space.append(removal)
      let standing = space.records.standing(type: TestSchema.note, record: .numbered(8))
      #expect(standing?.isGone == false)
    }
  }

  @Test func aDenialBeatsAnApproval() throws {
    let orders = try Self.bothOrders(
      "access_request", "state", Write(value: Self.state("denied"), device: 1),
      Write(value: Self.state("approved"), device: 2, time: 9))
    for story in orders { #expect(try story.shown("state") == Self.state("denied")) }
  }

  @Test func aRevokedShareStaysRevoked() throws {
    let orders = try Self.bothOrders(
      "share", "access", Write(value: Self.state("revoked"), device: 1),
      Write(value: Self.state("active"), device: 2, time: 9))
    for story in orders { #expect(try story.shown("access") == Self.state("revoked")) }
  }
}
