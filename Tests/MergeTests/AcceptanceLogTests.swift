import CBOR
import Merge
import TestSupport
import Testing

/// Acceptance over whole generated logs: a pure function, and a fold that comes to the same twice.
struct AcceptanceLogTests {
  private static func fact(_ space: TestSpace, _ random: inout SplitMix64) -> LogFact {
    let person = random.pick(Person.allCases)
    let number = Int.random(in: 1...4, using: &random)
    let head = space.state.position.rawValue
    let seen = Position(UInt64.random(in: 0...head + 1, using: &random))
    let statuses: [CBORValue] = ["open", "resolved", "closed", "reopened"]
    let shown = (0..<Int.random(in: 0...2, using: &random)).map { _ in
      Origin(
        replica: random.pick(Person.allCases).replica,
        sequence: UInt64.random(in: 1...6, using: &random))
    }
    switch Int.random(in: 0..<20, using: &random) {
    case 0 where random.oneIn(3): return .memberLeft(person.account)
    case 1: return .memberJoined(person.account, random.pick([.staff, .contact]), TestSpace.team)
    case 2: return .deviceRevoked(.numbered(Int(random.next() % 600)), person.account)
    case 3: return .time(milliseconds: space.state.timeMilliseconds + random.next() % 1000)
    case 4:
      let id = EpochID.beginning(UInt8(truncatingIfNeeded: random.next()))
      return .epoch(space.proposal(by: person, id))
    case 5: return .ended(by: person.device)
    case 6: return .refused(space.nextOrigin(of: person))
    case 7...9: return space.commit(by: person, seen: seen, .create(TestSchema.ticket, number))
    case 10: return space.commit(by: person, seen: seen, .delete(TestSchema.ticket, number))
    case 11...14:
      let label = FieldWrite.open("labels/urgent", .bool(random.oneIn(2)))
      return space.commit(by: person, seen: seen, .update(TestSchema.ticket, number, label))
    default:
      let status = FieldWrite.open("status", random.pick(statuses), shown: shown)
      return space.commit(by: person, seen: seen, .update(TestSchema.ticket, number, status))
    }
  }

  private static func log(_ seed: UInt64) throws -> (accepted: [LogFact], end: TestSpace) {
    var random = SplitMix64(seed: seed)
    var space = try TestSpace.casework()
    var accepted: [LogFact] = []
    for _ in 0..<150 {
      let fact = fact(space, &random)
      if try space.append(fact) == .accepted { accepted.append(fact) }
    }
    return (accepted, space)
  }

  @Test(arguments: 0..<40) func foldingALogTwiceComesToTheSame(seed: UInt64) throws {
    let (accepted, end) = try Self.log(seed)
    var again = try TestSpace.casework()
    for fact in accepted { #expect(try again.append(fact) == .accepted) }
    #expect(again == end)
    #expect(again.state == end.state)
  }

  @Test(arguments: 0..<20) func judgingChangesNothing(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let (_, space) = try Self.log(seed)
    let before = space
    for _ in 0..<50 {
      let fact = Self.fact(space, &random)
      let verdict = try space.judge(fact)
      #expect(try space.judge(fact) == verdict)
    }
    #expect(space == before)
  }

  @Test func generatedLogsHoldAcceptedCommitsAndRefuseOthers() throws {
    var commitCount = 0
    var acceptedCount = 0
    for seed in 0..<20 {
      let accepted = try Self.log(UInt64(seed)).accepted
      acceptedCount += accepted.count
      commitCount += accepted.count { if case .commit = $0 { true } else { false } }
    }
    #expect(commitCount > 200)
    #expect(acceptedCount > commitCount)
    #expect(acceptedCount < 20 * 140)
  }

  @Test func aCopyOfTheStateIsAValue() throws {
    let space = try TestSpace.casework()
    var copy = space.state
    copy.apply(.memberLeft(Person.staff.account))
    #expect(space.state.role(of: Person.staff.account) == .staff)
    #expect(copy.role(of: Person.staff.account) == nil)
    #expect(copy.position == space.state.position.next)
  }
}
