import Merge
import Sealing
import Signing
import Simulation
import SyncProtocol
import Testing

@testable import Replica

/// Somebody in the middle who holds the token and the line: what the person sees, and what stops it.
@Suite struct ShortCodeTests {
  let world: World
  let client: Party
  let phone: Party
  let offer: Enrolment

  init() throws {
    world = try World(opening: ["client"])
    client = world.client
    phone = world.makeParty("phone")
    offer = try client.replica.offerEnrolment()
  }

  private func ask() throws -> PendingEnrolment {
    try phone.withPassword { password in
      try Replica.enrol(
        home: Home.create(at: phone.homePath), password: password, enrolment: offer, url: "test:",
        transport: phone.network, environment: phone.environment)
    }
  }

  /// What whoever holds the token can send: right in every way, but with other keys.
  private func request(_ device: NewDevice, nonce: UInt8) -> EnrolmentRequest {
    let certificate = device.certificate
    let nonce = EnrolmentNonce([UInt8](repeating: nonce, count: 32)) ?? EnrolmentNonce(.zero)
    return EnrolmentRequest(
      account: offer.account, lookup: offer.lookup, certificate: certificate,
      proof: device.identity.sign(
        certificate.proofMessage(for: offer.account), .deviceProof),
      nonce: nonce, mac: offer.requestMAC(certificate, nonce))
  }

  private func listing(_ requests: [EnrolmentRequest]) -> (Request, Response) -> Response {
    { request, response in
      request.path == Path.enrolmentList
        ? .success(EnrolmentList(requests: requests).encoded) : response
    }
  }

  private func code(_ pending: PendingEnrolment) throws -> String? {
    guard case .code(let code) = try pending.proceed(phone.network) else { return nil }
    return code
  }

  @Test func substitutedKeysGiveOtherCodes() throws {
    let pending = try ask()
    let thief = NewDevice(phone.environment)
    client.network.alter = listing([request(thief, nonce: 1)])
    let candidates = try client.replica.candidates(client.network)
    let shown = try #require(try code(pending))
    // The right account, a token that was not guessed, a valid proof: nothing but the code tells.
    #expect(candidates.map(\.device) == [thief.certificate.device])
    #expect(candidates.first?.shortCode != shown)
    // The person says no; neither the thief's device nor their own gets in.
    try client.replica.refuse(try #require(candidates.first), client.network)
    #expect(throws: ReplicaError.enrolmentEnded("the other device let nobody in")) {
      try pending.proceed(phone.network)
    }
    let devices = try client.replica.devices()
    #expect(!devices.contains { $0.id == thief.certificate.device })
  }

  /// Once the nonce is shown the code can be chosen: so it is shown for one request, once.
  @Test func whoHasSeenTheNonceIsTooLate() throws {
    let pending = try ask()
    let first = try client.replica.candidates(client.network)
    #expect(first.count == 1)
    let (thief, second) = (NewDevice(phone.environment), NewDevice(phone.environment))
    client.network.alter = listing([request(thief, nonce: 1), request(second, nonce: 2)])
    var candidates = try client.replica.candidates(client.network)
    #expect(candidates.isEmpty)
    // Also for a process that begins anew.
    try client.reopen()
    candidates = try client.replica.candidates(client.network)
    #expect(candidates.isEmpty)
    client.network.reset()
    candidates = try client.replica.candidates(client.network)
    let shown = try code(pending)
    #expect(candidates.map(\.shortCode) == [try #require(shown)])
  }

  /// Nothing of the nonce is sent before a request with the token has come.
  @Test func theNonceIsNotShownToWhoHasNotAsked() throws {
    let candidates = try client.replica.candidates(client.network)
    #expect(candidates.isEmpty)
    #expect(!client.network.requests.contains { $0.path == Path.enrolmentAnswer })
    #expect(throws: ErrorCode.enrolmentUnknown) { try result() }
    _ = try ask()
    #expect(try result().answer == nil)
  }

  private func result() throws -> EnrolmentResult {
    let query = EnrolmentQuery(account: offer.account, lookup: offer.lookup)
    let response = try phone.network.send(
      Request(.post, Path.enrolmentResult, body: query.encoded))
    switch response {
    case .success(let bytes): return try EnrolmentResult(decoding: bytes)
    case .failure(let code): throw code
    }
  }

  /// Another nonce than the token promised would let somebody choose the new device's code.
  @Test func anotherNonceThanTheTokensIsNoticed() throws {
    let pending = try ask()
    phone.network.alter = { [lookup = offer.lookup] request, response in
      guard request.path == Path.enrolmentResult else { return response }
      let answer = EnrolmentAnswer(lookup: lookup, nonce: EnrolmentNonce(.zero))
      return .success(EnrolmentResult(answer: answer).encoded)
    }
    #expect(throws: ReplicaError.self) { try pending.proceed(phone.network) }
    phone.network.reset()
    #expect(try code(pending) == nil)
  }

  /// The new device asks its person before it joins as well.
  @Test func theNewDevicesPersonHasTheLastWord() throws {
    let pending = try ask()
    let candidate = try #require(try client.replica.candidates(client.network).first)
    try client.replica.approve(candidate, client.network)
    var asked: [String] = []
    #expect(throws: ReplicaError.self) {
      try pending.proceed(phone.network) { code in
        asked.append(code)
        return false
      }
    }
    #expect(asked == [candidate.shortCode])
    // Also when nobody is asked any more.
    #expect(throws: ReplicaError.self) { try pending.proceed(phone.network) }
  }

  // MARK: Ends

  @Test func aTokenExpires() throws {
    let pending = try ask()
    world.clock.advance(milliseconds: Enrolment.lifetimeMilliseconds)
    let candidates = try client.replica.candidates(client.network)
    #expect(candidates.isEmpty)
    #expect(throws: ReplicaError.enrolmentEnded("the token has expired")) {
      try pending.proceed(phone.network)
    }
    let late = world.makeParty("late")
    #expect(throws: ReplicaError.enrolmentEnded("the token has expired")) {
      try late.withPassword { password in
        _ = try Replica.enrol(
          home: Home.create(at: late.homePath), password: password, enrolment: offer,
          url: "test:", transport: late.network, environment: late.environment)
      }
    }
  }

  @Test func aTokenIsForOneDevice() throws {
    _ = try ask()
    let second = world.makeParty("second")
    #expect(throws: ReplicaError.enrolmentEnded("another device has used this token")) {
      try second.withPassword { password in
        _ = try Replica.enrol(
          home: Home.create(at: second.homePath), password: password, enrolment: offer,
          url: "test:", transport: second.network, environment: second.environment)
      }
    }
  }

  @Test func tokensCanBeTakenBack() throws {
    let pending = try ask()
    let unused = try client.replica.offerEnrolment()
    let count = try client.replica.withdrawEnrolments(client.network)
    #expect(count == 2)
    #expect(throws: ReplicaError.enrolmentEnded("the other device let nobody in")) {
      try pending.proceed(phone.network)
    }
    let late = world.makeParty("late")
    try late.withPassword { password in
      _ = try Replica.enrol(
        home: Home.create(at: late.homePath), password: password, enrolment: unused,
        url: "test:", transport: late.network, environment: late.environment)
    }
    let candidates = try client.replica.candidates(client.network)
    #expect(candidates.isEmpty)
  }
}
