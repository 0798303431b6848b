import CBOR
import Merge
import TestSupport
import Testing

/// Refusals are judged by those who have only what the log holds of them (decision 0018).
struct RefusalFindingTests {
  /// The commit as a refusal holds it.
  private static func withheld(_ commit: Commit) -> Commit {
    Commit(
      header: commit.header,
      changes: commit.changes.map { change in
        RecordChange(
          type: change.type, record: change.record, operation: change.operation,
          writes: change.writes.map { write in
            write.sealed
              ? FieldWrite(key: write.key, value: .null, sealed: true, shown: write.shown) : write
          })
      })
  }

  private static func find(
    _ code: Refusal.Code, _ fact: LogFact, in space: TestSpace, isWhole: Bool
  ) throws -> RefusalFinding {
    guard case .commit(let commit, let origin) = fact else {
      throw NotACommit()
    }
    return try space.acceptance.find(
      Refusal(code), of: isWhole ? commit : withheld(commit), by: origin, isWhole: isWhole)
  }

  private struct NotACommit: Error {}

  // MARK: Generated

  /// A commit of anybody's, on anything, often wrong: open and sealed, stale and fresh.
  private static func fact(_ space: TestSpace, _ random: inout SplitMix64) -> LogFact {
    let person = random.pick([Person.client, .practitioner, .outsider])
    let seen = Position(UInt64.random(in: 0...space.state.position.rawValue + 1, using: &random))
    let epochs = space.state.epochs.map(\.id) + [.beginning(0xee)]
    let text = FieldWrite.sealed("text", under: random.pick(epochs))
    let empty = FieldWrite(key: "text", value: .bytes([]), sealed: true)
    let number = Int.random(in: 1...4, using: &random)
    switch Int.random(in: 0..<8, using: &random) {
    case 0...2: return space.commit(by: person, seen: seen, .create(TestSchema.note, number, text))
    case 3: return space.commit(by: person, seen: seen, .update(TestSchema.note, number, empty))
    case 4:
      let reminder = FieldWrite.open("reminder", .unsigned(5))
      return space.commit(
        by: person, seen: seen, .update(TestSchema.note, number, text, reminder))
    case 5: return space.commit(by: person, seen: seen, .delete(TestSchema.note, number))
    case 6:
      let pinned = FieldWrite.open("pinned", random.oneIn(2) ? true : "yes")
      return space.commit(by: person, seen: seen, .update(TestSchema.note, number, text, pinned))
    default: return space.commit(by: person, seen: seen, .update(TestSchema.note, number, text))
    }
  }

  private static func space(_ random: inout SplitMix64) throws -> TestSpace {
    var space = try TestSpace.engagement()
    for index in 0..<12 {
      if random.oneIn(5) {
        try space.append(
          .deviceRevoked(.numbered(600 + index), Person.outsider.account))
        try space.append(
          .epoch(space.proposal(by: .client, .beginning(UInt8(0x40 + index)))))
      }
      try space.append(fact(space, &random))
    }
    return space
  }

  @Test(arguments: 0..<60) func everyRefusalOfAnHonestServerIsBelieved(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let space = try Self.space(&random)
    for _ in 0..<20 {
      let fact = Self.fact(space, &random)
      guard case .refused(let refusal) = try space.judge(fact) else { continue }
      #expect(try Self.find(refusal.code, fact, in: space, isWhole: true) == .founded)
      let byOthers = try Self.find(refusal.code, fact, in: space, isWhole: false)
      #expect(byOthers == .founded || byOthers == .unverifiable, "\(refusal) \(byOthers)")
    }
  }

  /// The refusals of a commit with one write of its own each.
  private static func faults(_ fact: LogFact, _ space: TestSpace) throws -> Set<Refusal.Code> {
    guard case .commit(let commit, let origin) = fact else { return [] }
    var codes: Set<Refusal.Code> = []
    for change in commit.changes {
      for write in change.writes {
        let alone = RecordChange(
          type: change.type, record: change.record, operation: change.operation, writes: [write])
        let part = Commit(header: commit.header, changes: [alone])
        guard case .refused(let refusal) = try space.judge(.commit(part, origin)) else { continue }
        codes.insert(refusal.code)
      }
    }
    return codes
  }

  /// Whoever has the whole commit believes the reasons that there are and no other.
  @Test(arguments: 0..<30) func noOtherReasonIsBelievedByItsAuthor(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let space = try Self.space(&random)
    for _ in 0..<10 {
      let fact = Self.fact(space, &random)
      let verdict = try space.judge(fact)
      let faults = try Self.faults(fact, space)
      for code in Refusal.Code.allCases {
        let finding = try Self.find(code, fact, in: space, isWhole: true)
        switch verdict {
        case .refused(let own) where own.code == code: #expect(finding == .founded)
        case .refused where faults.contains(code): #expect(finding == .founded)
        // A server that does not know a part of it defers it, and then holds it to be in the way.
        case .refused where code == .heldUpRestriction: #expect(finding != .founded)
        case .accepted where code == .heldUpRestriction: #expect(finding == .awaitsRestriction)
        default: #expect(finding == .unfounded(verdict), "\(code) for \(verdict)")
        }
      }
    }
  }

  /// Others are fooled by nothing but a reason that rests on what they cannot see.
  @Test(arguments: 0..<30) func othersBelieveWhatRestsOnSealedValuesOnly(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let space = try Self.space(&random)
    let onSealed: Set<Refusal.Code> = [.epochStale, .valueInvalid]
    for _ in 0..<10 {
      let fact = Self.fact(space, &random)
      let verdict = try space.judge(fact)
      guard case .commit(let commit, _) = fact, verdict == .accepted else { continue }
      let hasSealed = commit.changes.contains { $0.writes.contains(where: \.sealed) }
      for code in Refusal.Code.allCases where code != .heldUpRestriction {
        let finding = try Self.find(code, fact, in: space, isWhole: false)
        let expected: RefusalFinding =
          hasSealed && onSealed.contains(code) ? .unverifiable : .unfounded(.accepted)
        #expect(finding == expected, "\(code)")
      }
    }
  }

  @Test func generatedCommitsMeetManyReasons() throws {
    var codes: Set<Refusal.Code> = []
    var acceptedCount = 0
    for seed in 0..<30 {
      var random = SplitMix64(seed: UInt64(seed))
      let space = try Self.space(&random)
      for _ in 0..<20 {
        switch try space.judge(Self.fact(space, &random)) {
        case .refused(let refusal): codes.insert(refusal.code)
        case .accepted: acceptedCount += 1
        case .deferred: break
        }
      }
    }
    #expect(acceptedCount > 30)
    #expect(codes.isSuperset(of: [.epochStale, .valueInvalid, .notAllowed, .recordUnknown]))
    #expect(codes.count >= 8)
  }

  // MARK: One by one

  @Test func aReasonThatWouldHaveComeLaterIsNotBelieved() throws {
    let space = try TestSpace.engagement()
    // The author is nobody here: that comes before any key.
    let fact = space.commit(
      by: .outsider, .create(TestSchema.note, 2, TestSpace.noteText))
    #expect(
      try Self.find(.epochStale, fact, in: space, isWhole: false)
        == .unfounded(.refused(Refusal(.notMember))))
  }

  @Test func aTypeOfALaterSchemaIsLeftToLaterReaders() throws {
    let space = try TestSpace.engagement()
    let change = RecordChange(type: "mystery", record: .numbered(1), operation: .create)
    let fact = space.commit(by: .client, change)
    #expect(try Self.find(.notAllowed, fact, in: space, isWhole: true) == .unverifiable)
  }

  /// What rests on a refused commit is refused for what it lacks.
  @Test func dependantsAreRefusedByName() throws {
    var space = try TestSpace.casework()
    let open = FieldWrite.open("status", "open")
    let refused = space.commit(
      by: .staff, .create(TestSchema.ticket, 7, open, .open("number", .unsigned(1))))
    #expect(try space.judge(refused) == .refused(Refusal(.notAllowed, ["ticket", "number"])))
    try space.append(.refused(space.nextOrigin(of: .staff)))
    let edit = space.commit(by: .staff, .update(TestSchema.ticket, 7, .open("title", "t")))
    #expect(try space.judge(edit) == .refused(Refusal(.recordUnknown, ["ticket"])))
    let shown = Origin(replica: Person.staff.replica, sequence: 1)
    let step = space.commit(
      by: .staff,
      .update(TestSchema.ticket, 1, .open("status", "resolved", shown: [shown])))
    #expect(try space.judge(step) == .refused(Refusal(.shownUnknown, ["ticket", "status"])))
    for (fact, code) in [(edit, Refusal.Code.recordUnknown), (step, .shownUnknown)] {
      #expect(try Self.find(code, fact, in: space, isWhole: false) == .founded)
    }
  }
}
