import Merge
import Signing
import SyncProtocol
import Testing

@testable import SyncServer

@Suite struct FirstContactTests {
  let world: World

  init() throws { world = try World() }

  private func request(
    _ invitation: Invitation, role: Role? = nil
  ) throws -> (TestDevice, AccountRequest) {
    let device = TestDevice(world)
    return (device, try world.accountRequest(device, invitation, role: role))
  }

  @Test func makesTheFirstAdministrator() throws {
    let (device, request) = try request(world.invitation)
    let head = try device.call(Path.accounts, request, SignedChainHead.self)
    #expect(head.point == request.creation.point)
    #expect(head.isSigned(by: world.server.certificate.log))
    device.account = AccountID(head.point.hash)
    try device.logIn()
  }

  @Test func answersTheSameRequestAgain() throws {
    let (device, request) = try request(world.invitation)
    let first = try device.call(Path.accounts, request, SignedChainHead.self)
    world.time.pass(seconds: 30 * day)
    let second = try device.call(Path.accounts, request, SignedChainHead.self)
    #expect(first.point == second.point)
  }

  @Test func refusesAUsedInvitation() throws {
    _ = try world.join(world.invitation)
    let (device, request) = try request(world.invitation)
    #expect(throws: ErrorCode.invitationUsed) { try device.post(Path.accounts, request) }
  }

  @Test func refusesAnExpiredInvitation() throws {
    world.time.pass(seconds: 7 * day)
    let (device, request) = try request(world.invitation)
    #expect(throws: ErrorCode.invitationExpired) { try device.post(Path.accounts, request) }
  }

  @Test func takesAnInvitationUntilItsLastSecond() throws {
    world.time.pass(seconds: 7 * day - 1)
    _ = try world.join(world.invitation)
  }

  @Test func refusesAnotherRole() throws {
    let (device, request) = try request(world.invitation, role: .client)
    #expect(throws: ErrorCode.invitationRoleWrong) { try device.post(Path.accounts, request) }
  }

  @Test func refusesAnUnknownInvitation() throws {
    let forged = Invitation(
      server: world.server.certificate.identity, organisation: nil, inviter: nil, role: .admin,
      expiresMilliseconds: world.time.now + 1000, secret: SharedSecret(random: world.time))
    let (device, request) = try request(forged)
    #expect(throws: ErrorCode.invitationUnknown) { try device.post(Path.accounts, request) }
  }

  @Test func refusesAWrapThatIsNotTheStatements() throws {
    let (device, request) = try request(world.invitation)
    let altered = AccountRequest(
      creation: request.creation, accountKeyWrap: request.accountKeyWrap + [0],
      invitation: request.invitation, role: request.role, acceptance: request.acceptance)
    #expect(throws: ErrorCode.malformed) { try device.post(Path.accounts, altered) }
  }

  @Test func refusesAForgedCreation() throws {
    let (device, request) = try request(world.invitation)
    let forged = SignedStatement(
      request.creation.statement, key: SigningKey(random: world.time))
    let altered = AccountRequest(
      creation: forged, accountKeyWrap: request.accountKeyWrap, invitation: request.invitation,
      role: request.role, acceptance: request.acceptance)
    #expect(throws: ErrorCode.badSignature) { try device.post(Path.accounts, altered) }
    // The invitation is not spent by that.
    _ = try world.join(world.invitation)
  }

  @Test func refusesASecondInvitationForOneAccount() throws {
    let clinic = try Clinic(world)
    let device = TestDevice(world)
    let first = try world.invite(.client, by: clinic.admin, clinic.organisation)
    let request = try world.accountRequest(device, first)
    try device.post(Path.accounts, request)
    let second = try world.invite(.client, by: clinic.admin, clinic.organisation)
    let again = AccountRequest(
      creation: request.creation, accountKeyWrap: request.accountKeyWrap,
      invitation: second.lookup, role: .client, acceptance: request.acceptance)
    #expect(throws: ErrorCode.accountExists) { try device.post(Path.accounts, again) }
  }

  // MARK: Inviting

  @Test func listsTheInvitersOwnInvitationsWithTheirUse() throws {
    let clinic = try Clinic(world)
    let open = try world.invite(.client, by: clinic.admin, clinic.organisation)
    let list = try InvitationList(decoding: clinic.admin.send(.post, Path.invitationList))
    #expect(list.invitations.map(\.role) == [.practitioner, .client, .client])
    #expect(list.invitations.last?.lookup == open.lookup)
    #expect(list.invitations.last?.acceptance == nil)
    let acceptance = list.invitations[1].acceptance
    #expect(acceptance?.account == clinic.client.account)
    let others = try InvitationList(decoding: clinic.client.send(.post, Path.invitationList))
    #expect(others.invitations.isEmpty)
  }

  @Test func keepsExpiredOnesListed() throws {
    let clinic = try Clinic(world)
    _ = try world.invite(.client, by: clinic.admin, clinic.organisation)
    world.time.pass(seconds: 30 * day)
    try world.server.collectGarbage()
    try clinic.admin.logIn()
    let list = try InvitationList(decoding: clinic.admin.send(.post, Path.invitationList))
    #expect(list.invitations.count == 3)
  }

  @Test func letsOnlyTheRightPeopleInvite() throws {
    let clinic = try Clinic(world)
    let organisation = clinic.organisation
    #expect(throws: ErrorCode.notAllowed) {
      try world.invite(.client, by: clinic.practitioner, organisation)
    }
    #expect(throws: ErrorCode.notAllowed) {
      try world.invite(.practitioner, by: clinic.client, organisation)
    }
    #expect(throws: ErrorCode.notAllowed) {
      try world.invite(.client, by: clinic.admin, nil)
    }
    #expect(throws: ErrorCode.notAllowed) {
      try world.invite(.family, by: clinic.admin, organisation)
    }
    #expect(throws: ErrorCode.notAllowed) {
      try world.invite(.owner, by: clinic.admin, organisation)
    }
    let family = try world.join(world.invite(.family, by: clinic.client, nil))
    #expect(throws: ErrorCode.notAllowed) { try world.invite(.family, by: family, nil) }
  }

  @Test func bindsInvitationsToTheInvitersOrganisation() throws {
    let clinic = try Clinic(world)
    let second = try clinic.join(.admin)
    let other = try Clinic.found(world, second)
    #expect(throws: ErrorCode.notAllowed) {
      try world.invite(.client, by: clinic.admin, other)
    }
  }

  @Test(arguments: [(Role.client, 7 * day), (.family, 14 * day)])
  func limitsHowLongAnInvitationLasts(role: Role, lifetime: UInt64) throws {
    let clinic = try Clinic(world)
    let inviter = role == .family ? clinic.client : clinic.admin
    let request = { (seconds: UInt64) in
      InvitationRequest(
        lookup: SharedSecret(random: world.time).lookup(.invitationLookup), role: role,
        organisation: role == .family ? nil : clinic.organisation,
        expiresMilliseconds: world.time.now + seconds * 1000)
    }
    try inviter.post(Path.invitations, request(lifetime))
    #expect(throws: ErrorCode.notAllowed) {
      try inviter.post(Path.invitations, request(lifetime + hour))
    }
    #expect(throws: ErrorCode.invitationExpired) {
      try inviter.post(Path.invitations, request(0))
    }
  }

  @Test func takesTheSameInvitationOnce() throws {
    let clinic = try Clinic(world)
    let request = InvitationRequest(
      lookup: SharedSecret(random: world.time).lookup(.invitationLookup), role: .client,
      organisation: clinic.organisation, expiresMilliseconds: world.time.now + 1000)
    try clinic.admin.post(Path.invitations, request)
    try clinic.admin.post(Path.invitations, request)
    let other = InvitationRequest(
      lookup: request.lookup, role: .admin, organisation: clinic.organisation,
      expiresMilliseconds: request.expiresMilliseconds)
    #expect(throws: ErrorCode.invitationUsed) { try clinic.admin.post(Path.invitations, other) }
  }
}
