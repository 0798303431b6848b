import Merge
import Signing
import SyncProtocol
import Testing

@testable import SyncServer

/// Requests for the feed that wait until there is something to tell.
@Suite struct HeldFeedTests {
  let clinic: Clinic
  var world: World { clinic.world }
  private let given = Guarded<[Response]>([])

  init() throws { clinic = try Clinic() }

  private func interest(news: UInt64 = 0, hold: UInt64 = 0) -> FeedRequest.Interest {
    FeedRequest.Interest(
      organisation: clinic.organisation, news: news, holdMilliseconds: hold)
  }

  private func present(_ device: TestDevice) throws -> FeedResponse {
    try device.call(Path.feed, FeedRequest(after: 1 << 40, interest: interest()))
  }

  /// Asks from where the device stands; what is given later comes to `given`.
  private func hold(_ device: TestDevice) throws -> SyncServer.Answer {
    let now = try device.call(
      Path.feed, FeedRequest(after: 0, interest: interest()), FeedResponse.self)
    let request = FeedRequest(
      after: now.position, interest: interest(news: now.news ?? 0, hold: 60_000))
    let answer = world.server.answer(
      Request(.post, Path.feed, token: device.token, body: request.encoded))
    if case .held(let held) = answer {
      held.whenGiven { [given] response in given.withLock { $0.append(response) } }
    }
    return answer
  }

  private func requireHeld(_ device: TestDevice) throws -> HeldAnswer {
    guard case .held(let held) = try hold(device) else {
      throw ErrorCode.malformed
    }
    #expect(given.withLock { $0.isEmpty })
    return held
  }

  private func response() throws -> FeedResponse {
    let responses = given.withLock { $0 }
    try #require(responses.count == 1)
    guard case .success(let body) = responses[0] else { throw ErrorCode.malformed }
    return try FeedResponse(decoding: body)
  }

  @Test func answersWhenASpaceMoves() throws {
    let vault = try clinic.openVault(clinic.client)
    let held = try requireHeld(clinic.client)
    #expect(held.holdMilliseconds == 60_000)
    _ = try clinic.openVault(clinic.practitioner)
    #expect(given.withLock { $0.isEmpty })
    try clinic.client.write(vault.space, [clinic.newFolder(vault)])
    #expect(try response().moved.map(\.space) == [vault.space])
    #expect(world.server.heldAnswerCount == 0)
  }

  @Test func answersAtOnceWhereThereIsSomething() throws {
    _ = try clinic.openVault(clinic.client)
    let request = FeedRequest(after: 0, interest: interest(hold: 60_000))
    let answer = world.server.answer(
      Request(.post, Path.feed, token: clinic.client.token, body: request.encoded))
    guard case .now(.success(let body)) = answer else {
      Issue.record("held")
      return
    }
    #expect(try FeedResponse(decoding: body).moved.count == 1)
  }

  @Test func answersWhenAChainGrowsThatIsFollowed() throws {
    let team = try clinic.makeTeam()
    _ = try requireHeld(clinic.client)
    try clinic.propose(clinic.practitioner, for: team)
    #expect(given.withLock { $0.isEmpty }, "the team is not listed in the organisation")
    try clinic.admin.append(
      .organisationTeam(OrganisationTeam(team: team)), to: .organisation(clinic.organisation))
    #expect(try response().moved.isEmpty)
  }

  @Test func tellsTheInviterOfAnAcceptance() throws {
    let before = try present(clinic.admin).news
    let invitation = try world.invite(.client, by: clinic.admin, clinic.organisation)
    #expect(try present(clinic.admin).news == before)
    _ = try requireHeld(clinic.admin)
    _ = try world.join(invitation)
    #expect(try response().news != before)
  }

  @Test func tellsTheClientOfAnAccess() throws {
    let engagement = try clinic.engage()
    let share = try clinic.share(engagement)
    let before = try present(clinic.client).news
    _ = try clinic.practitioner.fetch([share.hash], .space(engagement.space))
    #expect(try present(clinic.client).news != before)
  }

  @Test func aLaterRequestTakesThePlaceOfTheOneBefore() throws {
    let first = try requireHeld(clinic.client)
    _ = try hold(clinic.client)
    #expect(given.withLock { $0 } == [first.idleResponse])
    #expect(world.server.heldAnswerCount == 1)
  }

  @Test func tellsADeviceThatItWasTakenOut() throws {
    let second = try world.addDevice(to: clinic.client)
    _ = try requireHeld(second)
    try world.revoke(second, by: clinic.client)
    #expect(given.withLock { $0 } == [.failure(.deviceRevoked)])
  }

  @Test func needsASession() throws {
    let request = FeedRequest(after: 0, interest: interest(hold: 60_000))
    let answer = world.server.answer(Request(.post, Path.feed, body: request.encoded))
    guard case .now(.failure(.sessionMissing)) = answer else {
      Issue.record("held")
      return
    }
  }
}
