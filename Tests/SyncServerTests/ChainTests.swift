import Merge
import Signing
import SyncProtocol
import Testing

@testable import SyncServer

@Suite struct ChainTests {
  let clinic: Clinic
  var world: World { clinic.world }

  init() throws { clinic = try Clinic() }

  private func member(_ device: TestDevice, _ role: Role) throws -> StatementBody {
    .organisationMember(
      OrganisationMember(
        account: device.account, accountHead: try world.head(.account(device.account)),
        role: role, name: nil))
  }

  @Test func readsChainsUnderASignedHead() throws {
    let chain = ChainReference.organisation(clinic.organisation)
    let unknown = ChainReference.team(TeamID(Digest.zero))
    let request = ChainRequest(parts: [
      ChainPartRequest(chain: unknown, from: 0), ChainPartRequest(chain: chain, from: 1),
      ChainPartRequest(chain: chain, from: 9),
    ])
    let parts = try clinic.client.call(Path.chains, request, ChainResponse.self).parts
    #expect(parts.count == 2)
    #expect(parts[0].statements.map(\.statement.index) == [1, 2])
    #expect(parts[0].head.isSigned(by: world.server.certificate.log))
    #expect(parts[0].head.point == parts[0].statements.last?.point)
    #expect(parts[1].statements.isEmpty)
  }

  @Test func letsOneOfTwoStatementsStand() throws {
    let third = try world.join(world.invite(.client, by: clinic.admin, clinic.organisation))
    let fourth = try world.join(world.invite(.client, by: clinic.admin, clinic.organisation))
    let chain = ChainReference.organisation(clinic.organisation)
    let head = try world.head(chain)
    let statements = try [third, fourth].map {
      clinic.admin.sign(
        try member($0, .client), .chain(chain), index: head.index + 1, previous: head.hash)
    }
    let requests = statements.map {
      ChainAppendRequest(chain: chain, statement: $0, wraps: [])
    }
    try clinic.admin.post(Path.chainAppend, requests[0])
    #expect(throws: ErrorCode.chainSuperseded) {
      try clinic.admin.post(Path.chainAppend, requests[1])
    }
    // The first one again: its answer may have been lost.
    let answer = try clinic.admin.call(Path.chainAppend, requests[0], SignedChainHead.self)
    #expect(answer.point == statements[0].point)
  }

  @Test func letsOnlyAdministratorsSpeak() throws {
    let third = try world.join(world.invite(.client, by: clinic.admin, clinic.organisation))
    let chain = ChainReference.organisation(clinic.organisation)
    let body = try member(third, .admin)
    #expect(throws: ErrorCode.notAllowed) { try clinic.practitioner.append(body, to: chain) }
  }

  @Test func refusesStatementsOfOthers() throws {
    let chain = ChainReference.organisation(clinic.organisation)
    let head = try world.head(chain)
    let third = try world.join(world.invite(.client, by: clinic.admin, clinic.organisation))
    let signed = clinic.admin.sign(
      try member(third, .client), .chain(chain), index: head.index + 1, previous: head.hash)
    let request = ChainAppendRequest(chain: chain, statement: signed, wraps: [])
    #expect(throws: ErrorCode.notAllowed) { try clinic.client.post(Path.chainAppend, request) }
    let forged = SignedStatement(signed.statement, key: clinic.client.identity)
    #expect(throws: ErrorCode.badSignature) {
      try clinic.admin.post(
        Path.chainAppend, ChainAppendRequest(chain: chain, statement: forged, wraps: []))
    }
  }

  @Test func bindsOnlyAccountsThatAreThere() throws {
    let chain = ChainReference.organisation(clinic.organisation)
    let nobody = OrganisationMember(
      account: AccountID(Digest.zero), accountHead: ChainPoint(index: 0, hash: .zero),
      role: .client, name: nil)
    #expect(throws: ErrorCode.notFound) {
      try clinic.admin.append(.organisationMember(nobody), to: chain)
    }
    let third = try world.join(world.invite(.client, by: clinic.admin, clinic.organisation))
    let other = OrganisationMember(
      account: third.account, accountHead: ChainPoint(index: 0, hash: .zero), role: .client,
      name: nil)
    #expect(throws: ErrorCode.malformed) {
      try clinic.admin.append(.organisationMember(other), to: chain)
    }
  }

  @Test func letsOnlyInvitedAdministratorsFound() throws {
    let creation = OrganisationCreation(
      name: "Mine", accountHead: try world.head(.account(clinic.client.account)))
    #expect(throws: ErrorCode.notAllowed) {
      try clinic.client.start(.organisationCreation(creation))
    }
  }

  @Test func letsOnlyAdministratorsMakeTeams() throws {
    let creation = TeamCreation(organisation: clinic.organisation, name: "Team")
    #expect(throws: ErrorCode.notAllowed) {
      try clinic.practitioner.start(.teamCreation(creation))
    }
    let team = try clinic.makeTeam()
    let chain = ChainReference.organisation(clinic.organisation)
    try clinic.admin.append(.organisationTeam(OrganisationTeam(team: team)), to: chain)
    let unknown = OrganisationTeam(team: TeamID(Digest.zero))
    #expect(throws: ErrorCode.notFound) {
      try clinic.admin.append(.organisationTeam(unknown), to: chain)
    }
  }

  @Test func wantsExactlyTheNamedWraps() throws {
    let device = TestDevice(world, account: clinic.client.account)
    let wrap = world.time.bytes(80)
    let addition = DeviceAddition(
      device: device.certificate,
      proof: device.identity.sign(
        device.certificate.proofMessage(for: device.account), .deviceProof),
      accountKeyWrap: Hasher256.content(wrap))
    let chain = ChainReference.account(device.account)
    for wraps in [[], [wrap + [1]], [wrap, [1]]] {
      #expect(throws: ErrorCode.malformed) {
        try clinic.client.append(.deviceAddition(addition), to: chain, wraps: wraps)
      }
    }
    try clinic.client.append(.deviceAddition(addition), to: chain, wraps: [wrap])
  }

  @Test func letsOnlyTheAccountItselfAddDevices() throws {
    let device = TestDevice(world, account: clinic.client.account)
    let wrap = world.time.bytes(80)
    let addition = DeviceAddition(
      device: device.certificate, proof: device.identity.sign(Array("no".utf8)),
      accountKeyWrap: Hasher256.content(wrap))
    let chain = ChainReference.account(clinic.client.account)
    #expect(throws: ErrorCode.notAllowed) {
      try clinic.admin.append(.deviceAddition(addition), to: chain, wraps: [wrap])
    }
    #expect(throws: ErrorCode.badSignature) {
      try clinic.client.append(.deviceAddition(addition), to: chain, wraps: [wrap])
    }
  }

  @Test func leavesNothingOfARefusedStatement() throws {
    let team = try clinic.makeTeam()
    try clinic.propose(clinic.practitioner, for: team)
    let before = try world.head(.team(team))
    // Not proposed, so the reducer says no after the wraps were looked at.
    #expect(throws: ErrorCode.notAllowed) { try clinic.startTeam(team, by: clinic.client) }
    #expect(try world.head(.team(team)) == before)
    try clinic.startTeam(team, by: clinic.practitioner)
  }

  @Test func givesKeysToThoseTheyAreFor() throws {
    let second = try world.addDevice(to: clinic.client)
    let chain = try #require(
      try world.server.inspect { try $0.chains.accountChain(clinic.client.account) })
    let wraps = [clinic.client.id, second.id].compactMap { chain.devices[$0]?.accountKeyWrap }
    let owner = WrapOwner.chain(.account(clinic.client.account))
    #expect(try second.fetch(wraps, owner).map { $0 != nil } == [false, true])
    #expect(try clinic.client.fetch(wraps, owner).map { $0 != nil } == [true, false])
    #expect(try clinic.admin.fetch(wraps, owner) == [nil, nil])

    let team = try clinic.makeTeam()
    try clinic.propose(clinic.practitioner, for: team)
    let wrap = try clinic.startTeam(team, by: clinic.practitioner)
    let hash = Hasher256.content(wrap)
    #expect(try clinic.practitioner.fetch([hash], .chain(.team(team))) == [wrap])
    #expect(try clinic.admin.fetch([hash], .chain(.team(team))) == [nil])
  }
}
