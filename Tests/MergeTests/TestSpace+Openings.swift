import CBOR
import Merge
import TestSupport

extension TestSpace {
  /// The space's time when it was opened, milliseconds since 1970.
  static let openedMilliseconds: UInt64 = 1_700_000_000_000

  static func member(_ person: Person, _ role: Role) -> LogFact.Member {
    LogFact.Member(account: person.account, role: role)
  }

  static func firstEpoch(_ space: SpaceKind) -> EpochID {
    .beginning(UInt8(SpaceKind.allCases.firstIndex(of: space) ?? 0))
  }

  /// Time and everybody's devices; not opened yet.
  static func unopened() throws -> TestSpace {
    var space = TestSpace()
    try space.append(.time(milliseconds: openedMilliseconds))
    try space.append(.adminNamed(Person.admin.account, organisation))
    for person in Person.allCases where person != .server {
      try space.append(.deviceCertified(person.device, person.account))
    }
    return space
  }

  static let vaultOpening = LogFact.Opening(
    kind: .vault, author: Person.client.device, members: [member(.client, .owner)])

  static let assignmentOpening = LogFact.Opening(
    kind: .assignment, author: Person.admin.device,
    members: [
      member(.admin, .admin), member(.client, .client), member(.practitioner, .practitioner),
    ])

  static let caseworkOpening = LogFact.Opening(
    kind: .casework, author: Person.admin.device, members: [member(.contact, .contact)],
    teams: [team])

  /// Rests on the approval that ``approved(_:)`` makes.
  static func engagementOpening(approval: Origin = approval) -> LogFact.Opening {
    LogFact.Opening(
      kind: .engagement, author: Person.client.device,
      members: [member(.client, .client), member(.practitioner, .practitioner)],
      clientVault: clientVault, approval: approval)
  }

  /// What an administrator's assignment names, and a client's own does not.
  static let proposer = FieldWrite.open("organisation", .bytes(organisation.bytes))

  static let familyOpening = LogFact.Opening(
    kind: .assignment, author: Person.client.device,
    members: [member(.client, .client), member(.practitioner, .family)])

  static let team = TeamID.numbered(1)
  static let organisation = OrganisationID.numbered(1)
  static let assignmentID = SpaceID.numbered(78)
  static let clientVault = SpaceID.numbered(77)
  static let approval = Origin.of(Person.client.rawValue, 1)

  static func vault() throws -> TestSpace {
    var space = try unopened()
    try space.append(.opened(vaultOpening))
    return space
  }

  /// With its record, before anyone decided.
  static func assignment() throws -> TestSpace {
    var space = try unopened()
    try space.append(.opened(assignmentOpening))
    let client = FieldWrite.open("client", .bytes(Person.client.account.bytes))
    try space.append(
      space.commit(by: .admin, .create(TestSchema.assignment, 1, client, proposer)))
    return space
  }

  /// Both sides' decisions, as they reach another space's log.
  static func consents(_ decisions: Decision...) -> [LogFact] {
    decisions.enumerated().map { index, decision in
      let person: Person = decision.key == Consent.clientKey ? .client : .practitioner
      let sequence = UInt64(decisions[..<index].count { $0.key == decision.key } + 1)
      let stamp = CommitStamp(
        position: Position(UInt64(index) + 2),
        authorship: Authorship(
          origin: Origin(replica: person.replica, sequence: sequence), time: .zero),
        seen: Position(UInt64(index) + 1))
      return .consent(assignmentID, [decision.change], stamp)
    }
  }

  /// Both decisions are in the log; the client has not opened the space yet.
  static func approved(until: CBORValue? = nil) throws -> TestSpace {
    var space = try unopened()
    for fact in consents(.practitioner("accepted"), .client("approved", until: until)) {
      try space.append(fact)
    }
    return space
  }

  /// Opened, with its first epoch and a note by the practitioner.
  static func engagement(until: CBORValue? = nil) throws -> TestSpace {
    var space = try approved(until: until)
    try space.append(.opened(engagementOpening()))
    try space.append(.epoch(space.proposal(by: .client, firstEpoch(.engagement))))
    try space.append(
      space.commit(by: .practitioner, .create(TestSchema.note, 1, noteText)))
    return space
  }

  static let noteText = FieldWrite.sealed("text", under: firstEpoch(.engagement))

  /// With the team's member, an epoch and an open ticket by the contact.
  static func casework() throws -> TestSpace {
    var space = try unopened()
    try space.append(.opened(caseworkOpening))
    try space.append(.memberJoined(Person.staff.account, .staff, TestSpace.team))
    try space.append(.epoch(space.proposal(by: .contact, firstEpoch(.casework))))
    try space.append(
      space.commit(
        by: .contact, .create(TestSchema.ticket, 1, .open("status", "open"))))
    return space
  }

  /// The next epoch, for whom it should be.
  func proposal(
    by person: Person, _ id: EpochID, previous: EpochID?? = nil, recipients: [Bytes32]? = nil
  ) -> LogFact.EpochProposal {
    LogFact.EpochProposal(
      id: id, previous: previous ?? state.currentEpoch, author: person.device,
      recipients: recipients ?? state.epochRecipients,
      keyGenerations: state.epochKeyGenerations)
  }
}
