import CBOR
import Merge
import TestSupport
import Testing

/// What a log's prefix comes to.
struct SpaceStateTests {
  @Test func timeNeverGoesBack() throws {
    var space = try TestSpace.vault()
    try space.append(.time(milliseconds: TestSpace.openedMilliseconds + 5))
    try space.append(.time(milliseconds: 7))
    #expect(space.state.timeMilliseconds == TestSpace.openedMilliseconds + 5)
  }

  @Test func everyEntryHasAPosition() throws {
    var space = try TestSpace.casework()
    let start = space.state.position.rawValue
    for count in 1...5 as ClosedRange<UInt64> {
      try space.append(count.isMultiple(of: 2) ? .time(milliseconds: 1) : .refused(.of(1, count)))
      #expect(space.state.position == Position(start + count))
    }
  }

  @Test func membersComeAndGo() throws {
    var space = try TestSpace.casework()
    let staff = Person.staff.account
    try space.append(.memberLeft(staff))
    let left = space.state.position
    #expect(space.state.members[staff]?.until == left)
    #expect(space.state.lastRemoval == left)
    #expect(space.state.presentMembers == [Person.contact.account])
    try space.append(.memberJoined(staff, .staff, TestSpace.team))
    #expect(space.state.role(of: staff) == .staff)
    #expect(space.state.members[staff]?.since == left.next)
  }

  @Test func epochsAreWrappedForAccountsAndForTheTeamInsteadOfItsStaff() throws {
    let casework = try TestSpace.casework().state.epochRecipients
    let expected = [Bytes32(Person.contact.account.bytes), Bytes32(TeamID.numbered(1).bytes)]
    #expect(casework == expected.compactMap(\.self).sorted())
    let engagement = try TestSpace.engagement().state.epochRecipients
    let sides = [Person.client.account, Person.practitioner.account]
    #expect(engagement == sides.compactMap { Bytes32($0.bytes) }.sorted())
  }

  @Test func withoutATeamStaffAreWrappedForOneByOne() throws {
    var space = try TestSpace.unopened()
    let staff = Person.staff
    let opening = LogFact.Opening(
      kind: .casework, author: Person.admin.device, members: [TestSpace.member(staff, .staff)])
    #expect(try space.append(.opened(opening)) == .accepted)
    #expect(space.state.epochRecipients == [Bytes32(staff.account.bytes)].compactMap(\.self))
  }

  @Test func aRevokedDeviceStaysBarredFromItsEntryOn() throws {
    var space = try TestSpace.casework()
    let device = Person.staff.device
    let since = space.state.devices[device]?.since
    try space.append(.deviceRevoked(device, Person.staff.account))
    #expect(space.state.devices[device]?.since == since)
    #expect(space.state.devices[device]?.until == space.state.position)
    try space.append(.deviceCertified(device, Person.outsider.account))
    #expect(space.state.devices[device]?.account == Person.staff.account)
    #expect(space.state.devices[device]?.until != nil)
  }

  @Test func aWithdrawalEndsTheEngagementForGood() throws {
    var space = try TestSpace.engagement()
    let decisions = TestSpace.consents(
      .client("approved"), .client("revoked"), .client("approved"))
    try space.append(decisions[1])
    let end = space.state.position
    #expect(space.state.ended == end)
    #expect(space.state.lastRemoval == end)
    try space.append(decisions[2])
    #expect(space.state.ended == end)
  }

  @Test func aRevocationBeforeTheOpeningDoesNotEndWhatCameAfterIt() throws {
    var space = try TestSpace.unopened()
    let decisions = TestSpace.consents(
      .practitioner("accepted"), .client("approved"), .client("revoked"), .client("approved"))
    for fact in decisions { try space.append(fact) }
    let approval = Origin(replica: Person.client.replica, sequence: 3)
    let opening = TestSpace.engagementOpening(approval: approval)
    #expect(try space.append(.opened(opening)) == .accepted)
    #expect(space.state.ended == nil)
  }

  @Test func anAssignmentsOwnCommitsDecide() throws {
    var space = try TestSpace.assignment()
    try space.append(space.commit(by: .client, Decision.client("approved").change))
    #expect(space.state.consentState.status == .pending)
    try space.append(
      space.commit(by: .practitioner, Decision.practitioner("accepted").change))
    #expect(space.state.consentState.status == .active)
    #expect(space.state.consent.approvals == [.of(Person.client.rawValue, 1)])
  }

  @Test func anEpochMadeAfterTheRemovalMayBeUsed() throws {
    var space = try TestSpace.casework()
    let first = try #require(space.state.epochs.first)
    #expect(space.state.mayUse(first))
    try space.append(.memberLeft(Person.staff.account))
    #expect(!space.state.mayUse(first))
    #expect(space.state.owesEpoch)
    let next = LogFact.TeamKeying(
      team: TestSpace.team, generation: 1, wraps: [Person.outsider.account: 0])
    try space.append(.teamKeyed(next))
    try space.append(.epoch(space.proposal(by: .contact, .beginning(9))))
    let second = try #require(space.state.epochs.last)
    #expect(space.state.mayUse(second))
    #expect(space.state.currentEpoch == .beginning(9))
    #expect(space.state.epoch(hint: EpochID.beginning(9).bytes.prefix(8)) == second)
    #expect(space.state.epoch(hint: [UInt8](repeating: 0xee, count: 8)) == nil)
  }

  @Test func aSpaceRestsOnOneAssignmentOrganisationAndTeam() throws {
    let engagement = try TestSpace.engagement()
    let consents = TestSpace.consents(.client("approved"))
    guard case .consent(_, let changes, let stamp)? = consents.first else {
      Issue.record("no consent")
      return
    }
    let elsewhere = LogFact.consent(.numbered(79), changes, stamp)
    #expect(
      try engagement.judge(elsewhere) == .refused(Refusal(.malformed, ["rests on another history"]))
    )
    #expect(try engagement.judge(.consent(TestSpace.assignmentID, changes, stamp)) == .accepted)

    let casework = try TestSpace.casework()
    let outsider = Person.outsider.account
    for fact in [
      LogFact.memberJoined(outsider, .staff, .numbered(2)),
      LogFact.adminNamed(outsider, .numbered(2)),
    ] {
      #expect(
        try casework.judge(fact) == .refused(Refusal(.malformed, ["rests on another history"])))
    }
    #expect(
      try casework.judge(.memberJoined(outsider, .staff, TestSpace.team)) == .accepted)
  }
}
