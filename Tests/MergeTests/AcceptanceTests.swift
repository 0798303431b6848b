import CBOR
import Merge
import TestSupport
import Testing

struct AcceptanceTests {
  static let cases: [RefusalCase] =
    RefusalCase.authors + RefusalCase.headers + RefusalCase.records + RefusalCase.fields
    + RefusalCase.decisions + RefusalCase.consents + RefusalCase.ends + RefusalCase.openings
    + RefusalCase.epochs + RefusalCase.sources + RefusalCase.families
    + RefusalCase.emergencies

  @Test(arguments: cases) func isRefusedForItsReason(refusal: RefusalCase) throws {
    let verdict = try refusal.refused()
    guard case .refused(let reason) = verdict else {
      Issue.record("\(verdict)")
      return
    }
    #expect(reason.code == refusal.code)
  }

  @Test(arguments: cases) func itsNeighbourIsAccepted(refusal: RefusalCase) throws {
    #expect(try refusal.accepted() == .accepted)
  }

  @Test func everyReasonOfAcceptanceIsTested() {
    // What stands around a commit in its journal is the server's to notice.
    let others: Set<Refusal.Code> = [.heldUpRestriction]
    #expect(Set(Self.cases.map(\.code)).union(others) == Set(Refusal.Code.allCases))
  }

  // MARK: Deferred

  @Test func anUnknownTypeWaitsForANewerServer() throws {
    let space = try TestSpace.casework()
    let change = RecordChange(
      type: "prescription", record: .numbered(1), operation: .create,
      writes: [.open("text", "t")])
    #expect(try space.judge(space.commit(by: .staff, change)) == .deferred(.schemaOlder))
  }

  @Test(arguments: ["colour", "colour/red", "/labels", "/title", "", "/"])
  func anUnknownFieldWaitsForANewerServer(key: String) throws {
    let space = try TestSpace.casework()
    let change = RecordChange.update(TestSchema.ticket, 1, .open(key, "red"))
    #expect(try space.judge(space.commit(by: .staff, change)) == .deferred(.schemaOlder))
  }

  @Test func whatIsWrongBeforeAnUnknownTypeIsRefused() throws {
    let space = try TestSpace.casework()
    let unknown = RecordChange(type: "prescription", record: .numbered(1), operation: .create)
    let wrong = RecordChange.update(TestSchema.ticket, 9, .open("title", "t"))
    let verdict = try space.judge(space.commit(by: .staff, wrong, unknown))
    #expect(verdict == .refused(Refusal(.recordUnknown, ["ticket"])))
  }

  // MARK: What a refusal tells

  @Test func aClockTooFarAheadIsToldInSeconds() throws {
    let space = try TestSpace.casework()
    let change = RecordChange.update(TestSchema.ticket, 1, .open("title", "t"))
    let verdict = try space.judge(space.commit(by: .staff, ahead: 301_000, change))
    #expect(verdict == .refused(Refusal(.clockAhead, ["301 s"])))
  }

  @Test func aForbiddenStepTellsTheAllowedOnes() throws {
    let space = try TestSpace.casework()
    let shown = Origin(replica: Person.contact.replica, sequence: 1)
    let change = RecordChange.update(
      TestSchema.ticket, 1, .open("status", "reopened", shown: [shown]))
    let verdict = try space.judge(space.commit(by: .staff, change))
    #expect(verdict == .refused(Refusal(.transitionNotAllowed, ["resolved"])))
  }

  @Test func detailsAreHeldToTheirLimits() {
    let long = String(repeating: "é", count: 100)
    let refusal = Refusal(.valueInvalid, [String](repeating: long, count: 40))
    #expect(refusal.details.count == Refusal.detailCountMax)
    let longest = refusal.details.map(\.utf8.count).max()
    #expect(longest == Refusal.detailByteCountMax)
    #expect(long.hasPrefix(refusal.details[0]))
    #expect(Refusal(.gone, ["note"]).details == ["note"])
  }

  @Test(arguments: Refusal.Code.allCases) func everyReasonIsExplained(code: Refusal.Code) {
    let plain = Refusal(code).explanation
    #expect(plain.count > 10)
    #expect(!plain.contains("()"))
  }

  // MARK: Purity

  @Test(arguments: cases) func judgingTwiceIsTheSame(refusal: RefusalCase) throws {
    #expect(try refusal.refused() == refusal.refused())
  }
}
