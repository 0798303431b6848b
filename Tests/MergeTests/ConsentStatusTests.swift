import CBOR
import Merge
import TestSupport
import Testing

/// Dual consent: the two sides decide apart, in either order (requirement E5).
struct ConsentStatusTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let practitioner: String?
    let client: String?
    let status: ConsentStatus
    var testDescription: String { "\(practitioner ?? "none") × \(client ?? "none")" }
  }

  static let rows: [Row] = [
    Row(practitioner: nil, client: nil, status: .pending),
    Row(practitioner: nil, client: "approved", status: .pending),
    Row(practitioner: nil, client: "declined", status: .declined),
    Row(practitioner: nil, client: "revoked", status: .revoked),
    Row(practitioner: "accepted", client: nil, status: .pending),
    Row(practitioner: "accepted", client: "approved", status: .active),
    Row(practitioner: "accepted", client: "declined", status: .declined),
    Row(practitioner: "accepted", client: "revoked", status: .revoked),
    Row(practitioner: "declined", client: nil, status: .declined),
    Row(practitioner: "declined", client: "approved", status: .declined),
    Row(practitioner: "declined", client: "declined", status: .declined),
    Row(practitioner: "declined", client: "revoked", status: .revoked),
    Row(practitioner: "withdrawn", client: nil, status: .revoked),
    Row(practitioner: "withdrawn", client: "approved", status: .revoked),
    Row(practitioner: "withdrawn", client: "declined", status: .revoked),
    Row(practitioner: "withdrawn", client: "revoked", status: .revoked),
  ]

  @Test(arguments: rows, [true, false])
  func everyCombinationInBothOrders(row: Row, practitionerFirst: Bool) {
    let decisions = [
      row.practitioner.map { Decision.practitioner($0) }, row.client.map { Decision.client($0) },
    ].compactMap(\.self)
    var seeing = ConsentHistory()
    var apart = ConsentHistory()
    for decision in practitionerFirst ? decisions : decisions.reversed() {
      seeing.decide(decision)
      apart.decide(decision, seen: 0)
    }
    #expect(seeing.state().status == row.status)
    #expect(apart.state() == seeing.state())
    let permissions = seeing.state().terms.permissions
    #expect(permissions == (row.status == .active ? [.addNotes, .viewFiles] : []))
  }

  @Test func aWordOfANewerSchemaIsNoConsent() {
    var history = ConsentHistory()
    history.decide(.practitioner("accepted"))
    history.decide(.client("maybe"))
    #expect(history.state().status == .pending)
    history.decide(.client("approved"))
    #expect(history.state().status == .active)
  }

  @Test func aClearedDecisionIsNoConsent() {
    var history = ConsentHistory()
    history.decide(.practitioner("accepted"))
    history.decide(.client("approved"))
    let clearing = RecordChange(
      type: Consent.type, record: .numbered(1), operation: .update,
      writes: [FieldWrite(key: Consent.clientKey, value: .null)])
    var consent = history.consent
    consent.apply(
      [clearing],
      of: CommitStamp(
        position: Position(9), authorship: Authorship(origin: .of(2, 9), time: .zero),
        seen: Position(2)))
    #expect(consent.state(nowMilliseconds: 0).status == .pending)
  }

  @Test func otherTypesDoNotDecide() {
    var consent = Consent()
    let change = RecordChange(
      type: "note", record: .numbered(1), operation: .update,
      writes: [Decision.client("approved").write])
    let stamp = CommitStamp(
      position: Position(1), authorship: Authorship(origin: .of(2, 1), time: .zero), seen: .zero)
    consent.apply([change], of: stamp)
    #expect(consent == Consent())
  }

  // MARK: Revoking and granting again

  @Test func aGrantThatHasSeenTheRevocationLiftsIt() {
    var history = ConsentHistory()
    history.decide(.practitioner("accepted"))
    history.decide(.client("approved"))
    history.decide(.client("revoked"))
    #expect(history.state().status == .revoked)
    history.decide(.client("approved"), device: 20)
    #expect(history.state().status == .active)
  }

  @Test func aGrantThatHasNotSeenTheRevocationDoesNot() {
    var history = ConsentHistory()
    history.decide(.practitioner("accepted"))
    history.decide(.client("revoked"))
    history.decide(.client("approved"), device: 20, seen: 1)
    #expect(history.state().status == .revoked)
  }

  @Test func aRevocationThatCrossesAGrantStands() {
    var history = ConsentHistory()
    history.decide(.practitioner("accepted"))
    history.decide(.client("approved"))
    history.decide(.client("approved"), device: 20)
    history.decide(.client("revoked"), seen: 2)
    #expect(history.state().status == .revoked)
  }

  @Test func aPractitionerWhoWithdrewMayAcceptAgain() {
    var history = ConsentHistory()
    history.decide(.client("approved"))
    history.decide(.practitioner("withdrawn"))
    history.decide(.practitioner("accepted"))
    #expect(history.state().status == .active)
  }

  @Test func approvalsAreNamedByTheirOrigin() {
    var history = ConsentHistory()
    history.decide(.practitioner("accepted"))
    let first = history.decide(.client("approved"))
    history.decide(.client("revoked"))
    let second = history.decide(.client("approved"), device: 20)
    #expect(history.consent.approvals == [first, second])
  }

  // MARK: By the client's invitation

  private static func created(byInvitation: Bool, _ client: String?) -> ConsentHistory {
    var history = ConsentHistory()
    history.create(byInvitation ? [] : [TestSpace.proposer])
    if let client { history.decide(.client(client)) }
    return history
  }

  @Test func anInvitationThatWasAcceptedNeedsNoSecondYes() {
    #expect(Self.created(byInvitation: true, "approved").state().status == .active)
    #expect(Self.created(byInvitation: false, "approved").state().status == .pending)
    #expect(Self.created(byInvitation: true, nil).state().status == .pending)
  }

  @Test(arguments: ["declined", "withdrawn"]) func familyMaySayNoAllTheSame(word: String) {
    var history = Self.created(byInvitation: true, "approved")
    history.decide(.practitioner(word))
    #expect(history.state().status != .active)
    #expect(history.state().terms.permissions == [])
    history.decide(.practitioner("accepted", ["add_notes", "view_files", "view_reports"]))
    #expect(history.state().status == .active)
    #expect(history.state().terms.permissions == [.addNotes, .viewFiles])
  }

  @Test func theClientChangesAndRevokesWhatFamilyMay() {
    var history = Self.created(byInvitation: true, "approved")
    history.decide(.client("approved", ["view_reports"], until: .unsigned(100)))
    #expect(history.state(at: 99).terms.permissions == [.viewReports])
    #expect(history.state(at: 100).status == .expired)
    history.decide(.client("revoked"))
    #expect(history.state().status == .revoked)
  }

  @Test func whoMadeAnAssignmentIsKeptWithItsState() throws {
    for byInvitation in [true, false] {
      var state = SpaceState(id: TestSpace.assignmentID, server: Person.server.device)
      let change = ConsentHistory.creation(byInvitation ? [] : [TestSpace.proposer])
      state.apply(
        .consent(
          TestSpace.assignmentID, [change],
          CommitStamp(
            position: Position(1), authorship: Authorship(origin: .of(2, 1), time: .zero),
            seen: .zero)))
      let read = try SpaceState(id: state.id, server: state.server, stored: state.stored)
      #expect(read == state)
      #expect(read.consent.isByInvitation == byInvitation)
    }
  }

  // MARK: Order

  @Test(arguments: 0..<100) func concurrentDecisionsComeToTheSameInEveryOrder(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let words = ["view_files", "add_notes", "download_files", "fly"]
    let decisions: [(Decision, Int)] = (0..<Int.random(in: 1...5, using: &random)).map { index in
      let isClient = Bool.random(using: &random)
      let permissions = words.filter { _ in !random.oneIn(4) }
      let until: CBORValue? = random.oneIn(3) ? .unsigned(UInt64(index) * 10 + 5) : nil
      let word =
        isClient
        ? random.pick(["approved", "approved", "approved", "declined", "revoked"])
        : random.pick(["accepted", "accepted", "accepted", "declined", "withdrawn"])
      let decision =
        isClient
        ? Decision.client(word, permissions, until: until)
        : Decision.practitioner(word, permissions, until: until)
      return (decision, index + 10)
    }
    let now = UInt64.random(in: 0...40, using: &random)
    var states: Set<ConsentState> = []
    for _ in 0..<8 {
      var history = ConsentHistory()
      for (decision, device) in decisions.shuffled(using: &random) {
        history.decide(decision, device: device, seen: 0)
      }
      states.insert(history.state(at: now))
    }
    #expect(states.count == 1)
  }
}
