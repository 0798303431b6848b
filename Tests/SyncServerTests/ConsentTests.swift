import CBOR
import Merge
import Signing
import SyncProtocol
import Testing

@testable import SyncServer

@Suite struct ConsentTests {
  let clinic: Clinic
  var world: World { clinic.world }

  init() throws { clinic = try Clinic() }

  private func refusal(_ verdict: PushVerdict) -> Refusal.Code? {
    if case .refused(_, let refusal) = verdict { refusal.code } else { nil }
  }

  private func status(_ space: SpaceID) throws -> ConsentStatus {
    try world.state(space).consentState.status
  }

  @Test(arguments: [true, false])
  func isActiveInEitherOrder(clientFirst: Bool) throws {
    let assignment = try clinic.assign()
    let sides = [
      (clinic.client, clinic.decision("approved")),
      (clinic.practitioner, clinic.decision("accepted")),
    ]
    for (device, value) in clientFirst ? sides : sides.reversed() {
      #expect(try status(assignment.space) == .pending)
      try clinic.decide(assignment, by: device, value)
    }
    #expect(try status(assignment.space) == .active)
    let engagement = try clinic.engage(assignment)
    #expect(try status(engagement.space) == .active)
    for device in [clinic.client, clinic.practitioner] {
      let reader = try TestReader(device)
      try reader.pull(assignment.space)
      try reader.pull(engagement.space)
      #expect(try reader.store.state(engagement.space).consentState.status == .active)
    }
  }

  @Test func opensNoEngagementBeforeBothSaidYes() throws {
    let assignment = try clinic.assign()
    try clinic.decide(assignment, by: clinic.client, clinic.decision("approved"))
    #expect(throws: Refusal(.consentInactive, ["pending"])) { try clinic.engage(assignment) }
    try clinic.decide(assignment, by: clinic.practitioner, clinic.decision("declined", nil))
    #expect(throws: Refusal(.consentInactive, ["declined"])) { try clinic.engage(assignment) }
  }

  @Test func letsOnlyTheSidesOpen() throws {
    let assignment = try clinic.assign()
    try clinic.decide(assignment, by: clinic.practitioner, clinic.decision("accepted"))
    try clinic.decide(assignment, by: clinic.client, clinic.decision("approved"))
    let approval = clinic.client.lastOrigin(assignment.space)
    let space = SpaceID.engagement(assignment: assignment.space, approval: approval)
    let outsider = try clinic.join(.practitioner)
    let intruder = try clinic.join(.client)
    let attempts: [(TestDevice, TestDevice, TestDevice)] = [
      (clinic.client, clinic.client, outsider), (intruder, intruder, clinic.practitioner),
      (clinic.admin, clinic.admin, clinic.practitioner),
      (clinic.practitioner, clinic.client, clinic.practitioner),
    ]
    for (author, client, practitioner) in attempts {
      let opening = SpaceOpening(
        kind: .engagement,
        members: [
          try world.member(client.account, .client),
          try world.member(practitioner.account, .practitioner),
        ], assignment: assignment.space, approval: approval)
      let signed = author.sign(.spaceOpening(opening), .space(space))
      let verdicts = try author.push(space, [.statement(signed)])
      #expect(verdicts.compactMap(refusal).count == 1)
    }
    _ = try clinic.engage(assignment)
  }

  @Test func keepsAdministratorsInTheirOrganisation() throws {
    let second = try clinic.join(.admin)
    let other = try Clinic.found(world, second)
    let opening = SpaceOpening(
      kind: .assignment,
      members: [
        try world.member(second.account, .admin),
        try world.member(clinic.practitioner.account, .practitioner),
        try world.member(clinic.client.account, .client),
      ], organisation: other)
    let space = clinic.newSpace()
    let signed = second.sign(.spaceOpening(opening), .space(space))
    #expect(try second.push(space, [.statement(signed)]).map(refusal) == [.notAllowed])
  }

  @Test func keepsEverybodyInTheirRole() throws {
    let opening = SpaceOpening(
      kind: .assignment,
      members: [
        try world.member(clinic.admin.account, .admin),
        try world.member(clinic.client.account, .practitioner),
        try world.member(clinic.practitioner.account, .client),
      ], organisation: clinic.organisation)
    let space = clinic.newSpace()
    let signed = clinic.admin.sign(.spaceOpening(opening), .space(space))
    #expect(try clinic.admin.push(space, [.statement(signed)]).map(refusal) == [.notAllowed])
  }

  @Test func endsTheEngagementWithTheWithdrawal() throws {
    let engagement = try clinic.engage()
    let share = try clinic.share(engagement)
    let note = try clinic.practitioner.write(
      engagement.space, [clinic.note(engagement, on: share)])
    #expect(refusal(note) == nil)
    let reader = try TestReader(clinic.practitioner)
    try reader.pull(engagement.assignment.space)
    try reader.pull(engagement.space)
    #expect(
      try clinic.practitioner.fetch([share.hash], .space(engagement.space)) == [share.wrap])

    try clinic.decide(
      engagement.assignment, by: clinic.client, clinic.decision("revoked", nil),
      shown: [engagement.approval])
    // At once, without anyone touching the engagement.
    let ended = try #require(try world.state(engagement.space).ended)
    #expect(try clinic.practitioner.fetch([share.hash], .space(engagement.space)) == [nil])
    #expect(throws: ErrorCode.consentInactive) {
      try clinic.getShareBlob(engagement, share, 0, by: clinic.practitioner)
    }
    let remaining = try world.server.inspect { core in
      try WrapTable(database: core.database).contains(.space(engagement.space), share.hash)
    }
    #expect(!remaining)

    // What was written offline in between is refused, with the reason, where its author cannot read.
    let late = try clinic.practitioner.write(
      engagement.space, [clinic.note(engagement, on: share)])
    #expect(refusal(late) == .ended)
    try reader.pull(engagement.assignment.space)
    try reader.pull(engagement.space)
    #expect(try reader.store.state(engagement.space).position == ended)
    #expect(try reader.store.state(engagement.space).ended == ended)
    let own = try TestReader(clinic.client)
    try own.pull(engagement.assignment.space)
    try own.pull(engagement.space)
    #expect(try own.store.state(engagement.space).position > ended)
  }

  @Test func endsWithThePractitionersWithdrawalToo() throws {
    let engagement = try clinic.engage()
    try clinic.decide(
      engagement.assignment, by: clinic.practitioner, clinic.decision("withdrawn", nil),
      shown: [clinic.practitioner.lastOrigin(engagement.assignment.space)])
    #expect(try world.state(engagement.space).ended != nil)
  }

  @Test func endsByAStatementOfASide() throws {
    let engagement = try clinic.engage()
    let share = try clinic.share(engagement)
    let end = clinic.client.sign(.engagementEnd, .space(engagement.space), index: 1)
    let first = try clinic.client.push(engagement.space, [.statement(end)])
    #expect(try clinic.client.push(engagement.space, [.statement(end)]) == first)
    #expect(try clinic.practitioner.fetch([share.hash], .space(engagement.space)) == [nil])
    world.time.pass(seconds: 3)
    let second = clinic.client.sign(.engagementEnd, .space(engagement.space), index: 1)
    let verdicts = try clinic.client.push(engagement.space, [.statement(second)])
    #expect(verdicts.map(refusal) == [.ended])
  }

  @Test func startsAnewWithANewApproval() throws {
    let engagement = try clinic.engage()
    let share = try clinic.share(engagement)
    try clinic.decide(
      engagement.assignment, by: clinic.client, clinic.decision("revoked", nil),
      shown: [engagement.approval])
    let revocation = clinic.client.lastOrigin(engagement.assignment.space)
    try clinic.decide(
      engagement.assignment, by: clinic.client, clinic.decision("approved"), shown: [revocation])
    let again = try clinic.engage(engagement.assignment)
    #expect(again.space != engagement.space)
    // The old shares do not come back.
    #expect(try world.state(engagement.space).ended != nil)
    #expect(try clinic.practitioner.fetch([share.hash], .space(engagement.space)) == [nil])
    let fresh = try clinic.share(again)
    #expect(try clinic.practitioner.fetch([fresh.hash], .space(again.space)) == [fresh.wrap])
  }

  @Test func refusesWritesBeyondTheAgreedEnd() throws {
    let engagement = try clinic.engage(until: world.time.now + hour * 1000)
    let share = try clinic.share(engagement)
    world.time.pass(seconds: hour)
    try clinic.practitioner.logIn()
    let verdict = try clinic.practitioner.write(
      engagement.space, [clinic.note(engagement, on: share)])
    #expect(refusal(verdict) == .consentInactive)
    // Not even the log's time has to have come that far.
    #expect(try clinic.practitioner.fetch([share.hash], .space(engagement.space)) == [nil])
  }

  @Test func countsOnlyThePermissionsOfBoth() throws {
    let engagement = try clinic.engage(["view_files"])
    let share = try clinic.share(engagement)
    let verdict = try clinic.practitioner.write(
      engagement.space, [clinic.note(engagement, on: share)])
    #expect(refusal(verdict) == .permissionMissing)
  }
}
