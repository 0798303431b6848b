import Merge
import Signing
import Simulation
import SyncProtocol
import Testing

@testable import Replica

/// What waits for a person is told at the sync that brings it, and in the status until it is done.
@Suite struct WaitingForPeopleTests {
  private func waiting(_ replica: Replica) throws -> [Int] {
    let status = try replica.status()
    return [status.requestsToAnswer, status.decisionsToMake]
  }

  @Test func assignmentsWaitForBothSides() throws {
    let world = try VaultWorld()
    let client = try world.join(.client, "Cleo")
    let practitioner = try world.join(.practitioner, "Pia")
    #expect(try waiting(client) == [0, 0])
    _ = try world.admin.assign(
      practitioner: practitioner.identity.account, client: client.identity.account,
      terms: ConsentTerms(permissions: [.viewFiles], untilMilliseconds: nil), world.transport)
    let proposed = try client.sync(world.transport).news
    #expect(proposed.count { $0.contains("is proposed to you") } == 1, "\(proposed)")
    let told = try practitioner.sync(world.transport).news
    #expect(told.count { $0.contains("you are proposed to") } == 1, "\(told)")
    // Once.
    #expect(try client.sync(world.transport).news.isEmpty)
    #expect(try waiting(client) == [0, 1] && waiting(practitioner) == [0, 1])
    // Nothing of it needs a key.
    client.lock()
    #expect(try waiting(client) == [0, 1])
    try client.unlock(password: SecretBytes(copying: Array(VaultWorld.password.utf8)))

    try practitioner.decide("accepted", on: practitioner.assignment(with: nil))
    #expect(try waiting(practitioner) == [0, 0])
    try world.sync(practitioner)
    let said = try client.sync(world.transport).news
    #expect(said.count { $0.contains("has accepted the assignment") } == 1, "\(said)")
    try client.decide("approved", on: client.assignment(with: nil))
    #expect(try waiting(client) == [0, 0])
    try world.sync(client, practitioner, client)
    try client.decide("revoked", on: client.assignment(with: nil))
    try world.sync(client)
    let ended = try practitioner.sync(world.transport).news
    #expect(ended.count { $0.contains("has revoked the assignment") } == 1, "\(ended)")
    #expect(try waiting(client) == [0, 0] && waiting(practitioner) == [0, 0])
  }

  /// Where one side has said no there is nothing left to decide.
  @Test func aNoIsTheEnd() throws {
    let world = try VaultWorld()
    let client = try world.join(.client, "Cleo")
    let practitioner = try world.join(.practitioner, "Pia")
    _ = try world.admin.assign(
      practitioner: practitioner.identity.account, client: client.identity.account,
      terms: ConsentTerms(permissions: [.viewFiles], untilMilliseconds: nil), world.transport)
    try world.sync(practitioner)
    try practitioner.decide("declined", on: practitioner.assignment(with: nil))
    try world.sync(practitioner, client)
    #expect(try waiting(client) == [0, 0])
  }

  @Test func requestsWaitForTheClient() throws {
    let pair = try SharesPair()
    pair.world.clock.now += 1000
    try pair.practitioner.requestAccess(to: pair.client.identity.account, reason: "follow-up")
    try pair.world.sync(pair.practitioner)
    pair.client.lock()
    let locked = try pair.client.sync(pair.world.transport).news
    #expect(locked == ["somebody asks for access: satchel requests"])
    #expect(try waiting(pair.client) == [1, 0] && waiting(pair.practitioner) == [0, 0])
    try pair.client.unlock(password: SecretBytes(copying: Array(VaultWorld.password.utf8)))
    try pair.client.deny(pair.client.accessRequest(nil))
    #expect(try waiting(pair.client) == [0, 0])
  }

  @Test func devicesThatAskToJoinAreTold() throws {
    let world = try World(opening: ["client", "tablet"])
    let phone = world.makeParty("phone")
    let offer = try world.client.replica.offerEnrolment()
    #expect(try world.client.sync().news.isEmpty)
    _ = try phone.withPassword { password in
      try Replica.enrol(
        home: Home.create(at: phone.homePath), password: password, enrolment: offer, url: "test:",
        transport: phone.network, environment: phone.environment)
    }
    let news = try world.client.sync().news
    #expect(news == ["a device asks to join your account: satchel device approve"])
    // It is the token's maker who lets it in.
    #expect(try world.tablet.sync().news.isEmpty)
    _ = try world.client.replica.withdrawEnrolments(world.client.network)
    #expect(try world.client.sync().news.isEmpty)
  }
}
