import CBOR
import Merge
import TestSupport
import Testing

/// What an active consent allows, and until when (requirements E6, E7).
struct ConsentTermsTests {
  private static func history(_ decisions: Decision...) -> ConsentHistory {
    var history = ConsentHistory()
    for decision in decisions { history.decide(decision) }
    return history
  }

  @Test func accessIsWhatBothSidesApproved() {
    let history = Self.history(
      .practitioner("accepted", ["view_files", "add_notes", "download_files"]),
      .client("approved", ["download_files", "view_files", "set_reminders"]))
    #expect(history.state().terms.permissions == [.downloadFiles, .viewFiles])
  }

  @Test func sidesThatShareNothingAllowNothing() {
    let history = Self.history(
      .practitioner("accepted", ["add_notes"]), .client("approved", ["view_files"]))
    #expect(history.state().status == .active)
    #expect(history.state().terms.permissions.isEmpty)
  }

  @Test func concurrentApprovalsAllowOnlyWhatEachAllows() {
    var history = Self.history(.practitioner("accepted", ["view_files", "add_notes"]))
    history.decide(.client("approved", ["view_files", "add_notes"]), seen: 1)
    history.decide(.client("approved", ["view_files"]), device: 20, seen: 1)
    #expect(history.state().terms.permissions == [.viewFiles])
    history.decide(.client("approved", ["view_files", "add_notes"]), device: 20)
    #expect(history.state().terms.permissions == [.addNotes, .viewFiles])
  }

  @Test func theClientMayChangeTheTermsLater() {
    var history = Self.history(.practitioner("accepted"), .client("approved"))
    history.decide(.client("approved", ["view_files"]))
    #expect(history.state().terms.permissions == [.viewFiles])
  }

  @Test func theEarlierEndCounts() {
    let history = Self.history(
      .practitioner("accepted", until: .unsigned(500)), .client("approved", until: .unsigned(300)))
    #expect(history.state().terms.untilMilliseconds == 300)
  }

  @Test func aConsentEndsAtItsEnd() {
    let history = Self.history(
      .practitioner("accepted"), .client("approved", until: .unsigned(300)))
    #expect(history.state(at: 299).status == .active)
    #expect(!history.state(at: 299).terms.permissions.isEmpty)
    #expect(history.state(at: 300).status == .expired)
    #expect(history.state(at: 300).terms.permissions.isEmpty)
    #expect(history.state(at: 300).terms.untilMilliseconds == 300)
  }

  @Test func withoutAnEndItLasts() {
    let history = Self.history(.practitioner("accepted"), .client("approved", until: .null))
    #expect(history.state(at: .max).status == .active)
    #expect(history.state().terms.untilMilliseconds == nil)
  }

  @Test(arguments: [
    CBORValue.integer(-1), .negative(.max), "tomorrow", .bool(true), .array([]),
  ])
  func anEndThatIsNoTimeToComeHasPassed(until: CBORValue) {
    let history = Self.history(.practitioner("accepted"), .client("approved", until: until))
    #expect(history.state(at: 0).status == .expired)
  }

  @Test func unknownPermissionsAreNotGranted() {
    let words = ["view_files", "fly", "View_Files"]
    let history = Self.history(.practitioner("accepted", words), .client("approved", words))
    #expect(history.state().terms.permissions == [.viewFiles])
  }

  @Test func termsThatAreNotThereAllowNothing() {
    #expect(ConsentTerms(value: .null).permissions.isEmpty)
    let odd: CBORValue = .map(["permissions": .array([.unsigned(1), "add_notes"])])
    #expect(ConsentTerms(value: odd).permissions == [.addNotes])
  }

  @Test func entriesComeBackAsTerms() {
    let terms = ConsentTerms(
      permissions: [.viewFiles, .addNotes, .viewFiles], untilMilliseconds: 7)
    #expect(terms.permissions == [.addNotes, .viewFiles])
    #expect(ConsentTerms(value: .map(CBORMap(terms.entries))) == terms)
    let endless = ConsentTerms(permissions: Permission.allCases, untilMilliseconds: nil)
    #expect(ConsentTerms(value: .map(CBORMap(endless.entries))) == endless)
  }

  @Test(arguments: 0..<50) func intersectionIsALattice(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    func terms() -> ConsentTerms {
      ConsentTerms(
        permissions: Permission.allCases.filter { _ in random.oneIn(2) },
        untilMilliseconds: random.oneIn(2) ? nil : random.next() >> 60)
    }
    let (a, b, c) = (terms(), terms(), terms())
    #expect(a.intersection(b) == b.intersection(a))
    #expect(a.intersection(b).intersection(c) == a.intersection(b.intersection(c)))
    #expect(a.intersection(a) == a)
    #expect(Set(a.intersection(b).permissions).isSubset(of: a.permissions))
  }
}
