import Merge
import Sealing
import Signing
import SyncProtocol
import Testing

@testable import SyncServer

/// Chains of a restored server wait for whoever may hold more of them.
@Suite struct SettlingTests {
  let clinic: Clinic
  let second: TestDevice
  var world: World { clinic.world }

  init() throws {
    clinic = try Clinic()
    second = try clinic.world.addDevice(to: clinic.client)
    clinic.world.time.pass(seconds: 60)
    try clinic.world.server.inspect { try $0.beginIncarnation(isWithholding: true) }
  }

  private func comeBack(_ device: TestDevice) throws {
    try device.post(Path.heads, HeadsRequest(standings: []))
  }

  private func revoke(_ device: TestDevice, by author: TestDevice) throws {
    let (wrap, predecessor) = (world.time.bytes(80), world.time.bytes(80))
    let body = DeviceRevocation(
      device: device.id, accountKey: ExchangeKey(random: world.time).publicKey,
      predecessor: Hasher256.content(predecessor),
      wraps: [DeviceRevocation.Wrap(device: author.id, hash: Hasher256.content(wrap))])
    try author.append(
      .deviceRevocation(body), to: .account(author.account), wraps: [wrap, predecessor])
  }

  @Test func anAccountWaitsForEachOfItsDevices() throws {
    for device in [clinic.client, second] {
      #expect(throws: ErrorCode.chainUnsettled) { try revoke(second, by: clinic.client) }
      try comeBack(device)
    }
    try revoke(second, by: clinic.client)
    #expect(throws: ErrorCode.deviceRevoked) { try second.logIn() }
  }

  @Test func anOrganisationWaitsForItsAdministrators() throws {
    let chain = ChainReference.organisation(clinic.organisation)
    let third = try world.join(world.invite(.client, by: clinic.admin, clinic.organisation))
    let member = StatementBody.organisationMember(
      OrganisationMember(
        account: third.account, accountHead: try world.head(.account(third.account)),
        role: .client, name: nil))
    #expect(throws: ErrorCode.chainUnsettled) { try clinic.admin.append(member, to: chain) }
    try comeBack(clinic.client)
    #expect(throws: ErrorCode.chainUnsettled) { try clinic.admin.append(member, to: chain) }
    try comeBack(clinic.admin)
    try clinic.admin.append(member, to: chain)
  }

  /// Nothing can be lost of what began since.
  @Test func whatIsNewWaitsForNobody() throws {
    let third = try world.join(world.invite(.client, by: clinic.admin, clinic.organisation))
    let fourth = try world.addDevice(to: third)
    try revoke(fourth, by: third)
    _ = try clinic.makeTeam()
  }

  @Test func itEndsAfterAWeek() throws {
    #expect(throws: ErrorCode.chainUnsettled) { try revoke(second, by: clinic.client) }
    world.time.pass(seconds: 8 * 24 * 60 * 60)
    try clinic.client.logIn()
    try revoke(second, by: clinic.client)
  }

  /// After a restore that came later everybody is waited for again.
  @Test func eachRestoreBeginsAnew() throws {
    for device in [clinic.client, second] { try comeBack(device) }
    world.time.pass(seconds: 60)
    try world.server.inspect { try $0.beginIncarnation(isWithholding: true) }
    #expect(throws: ErrorCode.chainUnsettled) { try revoke(second, by: clinic.client) }
    // A crash is no restore.
    for device in [clinic.client, second] { try comeBack(device) }
    world.time.pass(seconds: 60)
    try world.server.inspect { try $0.beginIncarnation(isWithholding: false) }
    try revoke(second, by: clinic.client)
  }

  @Test func whoWasTakenOutSpeaksForNobody() throws {
    let engagement = try clinic.engage()
    _ = try clinic.share(engagement)
    for device in [clinic.client, second] { try comeBack(device) }
    try revoke(second, by: clinic.client)
    try second.logIn(.pull)
    let head = try clinic.practitioner.call(
      Path.pull,
      PullRequest(
        space: engagement.space, incarnation: 0, after: .zero, byteCountMax: 1 << 20),
      LogPage.self
    ).head
    try second.post(Path.heads, HeadsRequest(standings: [.init(head: head, past: [])]))
    #expect(try world.server.inspect { try $0.isWithholding(engagement.space) })
    try clinic.client.post(Path.heads, HeadsRequest(standings: [.init(head: head, past: [])]))
    #expect(try !world.server.inspect { try $0.isWithholding(engagement.space) })
  }
}
