import Merge
import Signing
import SyncProtocol
import Testing

@testable import SyncServer

@Suite struct SessionTests {
  let world: World
  let admin: TestDevice

  init() throws {
    world = try World()
    admin = try world.join(world.invitation)
  }

  private func challenge(_ device: TestDevice) throws -> Challenge {
    try device.call(
      Path.challenge, ChallengeRequest(account: device.account, device: device.id))
  }

  @Test func opensForAnHour() throws {
    try admin.post(Path.feed, FeedRequest(after: 0))
    world.time.pass(seconds: hour - 1)
    try admin.post(Path.feed, FeedRequest(after: 0))
    world.time.pass(seconds: 1)
    #expect(throws: ErrorCode.sessionExpired) {
      try admin.post(Path.feed, FeedRequest(after: 0))
    }
  }

  @Test func takesAChallengeOnce() throws {
    let request = admin.sessionRequest(try challenge(admin).nonce, .full)
    try admin.post(Path.session, request)
    #expect(throws: ErrorCode.sessionExpired) { try admin.post(Path.session, request) }
  }

  @Test func takesAChallengeForAMinute() throws {
    let request = admin.sessionRequest(try challenge(admin).nonce, .full)
    world.time.pass(seconds: 60)
    #expect(throws: ErrorCode.sessionExpired) { try admin.post(Path.session, request) }
  }

  @Test func takesOnlyItsOwnChallenges() throws {
    let request = admin.sessionRequest(world.time.bytes(32), .full)
    #expect(throws: ErrorCode.sessionExpired) { try admin.post(Path.session, request) }
    let other = TestDevice(world, account: admin.account)
    let stolen = admin.sessionRequest(try challenge(other).nonce, .full)
    #expect(throws: ErrorCode.sessionExpired) { try admin.post(Path.session, stolen) }
  }

  @Test func refusesTheWrongKey() throws {
    let nonce = try challenge(admin).nonce
    #expect(throws: ErrorCode.badSignature) {
      try admin.post(
        Path.session, admin.sessionRequest(nonce, .full, key: admin.transport))
    }
    let next = try challenge(admin).nonce
    #expect(throws: ErrorCode.badSignature) {
      try admin.post(Path.session, admin.sessionRequest(next, .pull, key: admin.identity))
    }
  }

  @Test func refusesDevicesThatNoChainCertifies() throws {
    let stranger = TestDevice(world, account: admin.account)
    #expect(throws: ErrorCode.deviceUnknown) { try stranger.logIn() }
    let nobody = TestDevice(world)
    #expect(throws: ErrorCode.deviceUnknown) { try nobody.logIn() }
  }

  @Test func refusesASignatureForAnotherServer() throws {
    let nonce = try challenge(admin).nonce
    let message = SessionRequest.message(
      server: admin.identity.publicKey, account: admin.account, device: admin.id, scope: .full,
      nonce: nonce)
    let request = SessionRequest(
      account: admin.account, device: admin.id, scope: .full, nonce: nonce,
      signature: admin.identity.sign(message, .session))
    #expect(throws: ErrorCode.badSignature) { try admin.post(Path.session, request) }
  }

  @Test(arguments: [SessionScope.full, .pull])
  func endsADevicesSessionsWhenItSaysSo(scope: SessionScope) throws {
    try admin.logIn(.full)
    let first = try #require(admin.token)
    try admin.logIn(scope)
    try admin.send(.post, Path.sessionEnd)
    for token in [first, try #require(admin.token)] {
      let request = Request(
        .post, Path.feed, token: token, body: FeedRequest(after: 0).encoded)
      #expect(world.server.handle(request) == .failure(.sessionExpired))
    }
    // It may come back.
    try admin.logIn(.full)
    try admin.post(Path.feed, FeedRequest(after: 0))
  }

  @Test func letsALockedDevicePullAndNoMore() throws {
    try admin.logIn(.pull)
    try admin.post(Path.feed, FeedRequest(after: 0))
    try admin.post(Path.chains, ChainRequest(parts: []))
    try admin.post(
      Path.wrapsFetch, WrapsFetchRequest(owner: .space(admin.vault), hashes: []))
    let denied: [(Request.Method, String)] = [
      (.post, Path.push), (.post, Path.wraps), (.post, Path.invitations),
      (.post, Path.invitationList), (.post, Path.chainAppend), (.post, Path.enrolmentList),
      (.post, Path.enrolmentAnswer), (.post, Path.enrolmentApprove), (.post, Path.blobsMissing),
      (.post, Path.blobsPut), (.post, Path.blobsFetch),
      (.put, Path.blob(space: admin.vault.hex, hash: Digest.zero.hex)),
      (.get, Path.blob(space: admin.vault.hex, hash: Digest.zero.hex)),
      (.get, Path.shareBlob(space: admin.vault.hex, share: admin.vault.hex, index: 0)),
    ]
    for (method, path) in denied {
      #expect(throws: ErrorCode.notAllowed) { try admin.send(method, path) }
    }
  }

  @Test func forgetsTheOldestBeyondItsNumber() throws {
    var options = SyncServer.Options()
    options.sessionCountMax = 2
    options.challengeCountMax = 2
    let world = try World(options: options)
    let device = try world.join(world.invitation)
    let first = device.token
    try device.logIn()
    try device.logIn()
    let last = device.token
    device.token = first
    #expect(throws: ErrorCode.sessionExpired) { try device.post(Path.feed, FeedRequest(after: 0)) }
    device.token = last
    try device.post(Path.feed, FeedRequest(after: 0))
    let nonces = try (0..<3).map { _ in
      try device.call(
        Path.challenge, ChallengeRequest(account: device.account, device: device.id),
        Challenge.self
      ).nonce
    }
    #expect(throws: ErrorCode.sessionExpired) {
      try device.post(Path.session, device.sessionRequest(nonces[0], .full))
    }
    try device.post(Path.session, device.sessionRequest(nonces[2], .full))
  }

  @Test func endsADevicesOldestSessionForTheNext() throws {
    var options = SyncServer.Options()
    options.deviceSessionCountMax = 2
    let world = try World(options: options)
    let device = try world.join(world.invitation)
    let first = device.token
    try device.logIn()
    let second = device.token
    try device.logIn(.pull)
    device.token = first
    #expect(throws: ErrorCode.sessionExpired) { try device.post(Path.feed, FeedRequest(after: 0)) }
    device.token = second
    try device.post(Path.feed, FeedRequest(after: 0))
  }

  @Test func keepsPurgeReportsOfTheOwnDevices() throws {
    let clinic = try Clinic()
    let engagement = try clinic.engage()
    let device = clinic.practitioner
    let message = PurgeReport.message(
      space: engagement.space, device: device.id, timeMilliseconds: 5)
    let report = { (key: SigningKey) in
      PurgeReport(
        space: engagement.space, device: device.id, timeMilliseconds: 5,
        signature: key.sign(message, .purgeReport))
    }
    let count = {
      try clinic.world.server.inspect {
        try $0.database.first("SELECT COUNT(*) FROM purge_report") { $0.integer(0) }
      }
    }
    try device.logIn(.pull)
    #expect(throws: ErrorCode.badSignature) {
      try device.post(Path.purged, report(device.identity))
    }
    try device.post(Path.purged, report(device.transport))
    try device.post(Path.purged, report(device.transport))
    #expect(throws: ErrorCode.deviceUnknown) {
      try clinic.client.post(Path.purged, report(device.transport))
    }
    #expect(try count() == 1)
    // Each with another time: the latest are kept.
    for time in UInt64(100)..<140 {
      let message = PurgeReport.message(
        space: engagement.space, device: device.id, timeMilliseconds: time)
      let report = PurgeReport(
        space: engagement.space, device: device.id, timeMilliseconds: time,
        signature: device.transport.sign(message, .purgeReport))
      try device.post(Path.purged, report)
    }
    #expect(try count() == 16)
  }
}
