import CommandSupport
import Merge
import Signing
import Simulation
import SyncProtocol
import SyncServer
import Testing

@testable import Replica

/// Sessions at the wrong server, twice, by somebody else, and for something else.
@Suite struct SessionTests {
  private let practice: Practice
  private var tablet: Party { practice.world.tablet }

  init() throws { practice = try Practice() }

  private func otherServer() throws -> SyncServer {
    let clock = practice.world.clock
    return try SyncServer.inMemory(
      environment: Environment(
        nowMilliseconds: { clock.now }, random: SeededRandom(seed: 77))
    ).server
  }

  private func nonce(
    for account: AccountID, _ device: DeviceID, _ transport: any Transport
  ) throws -> [UInt8] {
    try Connection(transport).call(
      Path.challenge, ChallengeRequest(account: account, device: device), Challenge.self
    ).nonce
  }

  /// Another server at the address: it gets neither a signature nor a token.
  @Test func anotherServerAtTheAddress() throws {
    let person = try practice.atTheProgram(tablet)
    tablet.network.reset()
    tablet.network.server = try otherServer()
    let outcome = try person.run("sync", expecting: 5)
    #expect(outcome.err.contains("error: the server has another key than the invitation said"))
    #expect(outcome.err.contains("hint: check the address; do not go on if it is the right one"))
    #expect(tablet.network.requests.map(\.path) == [Path.info])
    #expect(tablet.network.requests.allSatisfy { $0.token == nil })
    tablet.network.server = practice.world.server
    try person.does("sync")
  }

  /// What was overheard of one session opens no other one, here or elsewhere.
  @Test func aReplayedSession() throws {
    let person = try practice.atTheProgram(tablet)
    try person.does("sync")
    let overheard = tablet.network.requests
    let opening = try #require(overheard.first { $0.path == Path.session })
    let token = try #require(overheard.compactMap(\.token).last)
    let thief = try practice.transport(practice.world.practitioner)
    #expect(try thief.send(opening) == .failure(.sessionExpired))
    // The signature goes with the challenge, and that with account and device.
    let request = try SessionRequest(decoding: opening.body)
    let again = SessionRequest(
      account: request.account, device: request.device, scope: .full,
      nonce: try nonce(for: request.account, request.device, thief),
      signature: request.signature)
    #expect(
      try thief.send(Request(.post, Path.session, body: again.encoded))
        == .failure(.badSignature))
    // The token is worth nothing at another server, nor at this one's next process.
    let feed = Request(.post, Path.feed, token: token, body: FeedRequest(after: 0).encoded)
    practice.world.practitioner.network.server = try otherServer()
    #expect(try thief.send(feed) == .failure(.sessionExpired))
    try practice.world.restartServer()
    #expect(try thief.send(feed) == .failure(.sessionExpired))
  }

  /// A server that both know passes a challenge on: the signature names the server it was made for.
  @Test func aRelayedSession() throws {
    let identity = tablet.replica.identity
    let relay = SigningKey(random: SeededRandom(seed: 5)).publicKey
    let transport = try practice.transport(tablet)
    let nonce = try nonce(for: identity.account, identity.device, transport)
    let message = SessionRequest.message(
      server: relay, account: identity.account, device: identity.device, scope: .full,
      nonce: nonce)
    let request = SessionRequest(
      account: identity.account, device: identity.device, scope: .full, nonce: nonce,
      signature: try tablet.replica.unlockedKeys().identity().sign(message, .session))
    let answer = try transport.send(Request(.post, Path.session, body: request.encoded))
    #expect(answer == .failure(.badSignature))
  }

  /// The right words, signed as if they were something else.
  @Test func aSignatureForAnotherPurpose() throws {
    let identity = tablet.replica.identity
    let transport = try practice.transport(tablet)
    for domain in Domain.allCases {
      let nonce = try nonce(for: identity.account, identity.device, transport)
      let message = SessionRequest.message(
        server: identity.server, account: identity.account, device: identity.device, scope: .full,
        nonce: nonce)
      let request = SessionRequest(
        account: identity.account, device: identity.device, scope: .full, nonce: nonce,
        signature: try tablet.replica.unlockedKeys().identity().sign(message, domain))
      let answer = try transport.send(Request(.post, Path.session, body: request.encoded))
      let isTaken = if case .success = answer { true } else { false }
      #expect(isTaken == (domain == .session), "\(domain): \(answer)")
      if !isTaken { #expect(answer == .failure(.badSignature)) }
    }
  }
}
