import Merge
import Signing
import SyncProtocol
import Testing

@testable import SyncServer

@Suite struct EnrolmentTests {
  let world: World
  let first: TestDevice
  let enrolment: Enrolment
  let second: TestDevice
  let nonce = EnrolmentNonce(Digest.zero)

  init() throws {
    world = try World()
    first = try world.join(world.invitation)
    enrolment = Enrolment(
      server: world.server.certificate.identity, account: first.account, role: .admin,
      accountHead: try world.head(.account(first.account)),
      expiresMilliseconds: world.time.now + Enrolment.lifetimeMilliseconds, nonce: nonce,
      secret: SharedSecret(random: world.time))
    second = TestDevice(world, account: first.account)
  }

  private func request(_ device: TestDevice, lookup: Digest? = nil) -> EnrolmentRequest {
    EnrolmentRequest(
      account: first.account, lookup: lookup ?? enrolment.lookup, certificate: device.certificate,
      proof: device.identity.sign(
        device.certificate.proofMessage(for: first.account), .deviceProof),
      nonce: nonce, mac: enrolment.requestMAC(device.certificate, nonce))
  }

  private func list() throws -> [EnrolmentRequest] {
    try EnrolmentList(decoding: first.send(.post, Path.enrolmentList)).requests
  }

  private func result() throws -> EnrolmentResult {
    try second.call(
      Path.enrolmentResult, EnrolmentQuery(account: first.account, lookup: enrolment.lookup))
  }

  private func addSecond() throws {
    let wrap = world.time.bytes(80)
    try first.append(
      .deviceAddition(
        DeviceAddition(
          device: second.certificate, proof: request(second).proof,
          accountKeyWrap: Hasher256.content(wrap))),
      to: .account(first.account), wraps: [wrap])
  }

  private func approval() throws -> EnrolmentApproval {
    let head = try world.head(.account(first.account))
    let heads = HandedHeads(
      chains: [], spaces: [], for: second.id, by: first.id, key: first.identity)
    return EnrolmentApproval(
      lookup: enrolment.lookup, accountHead: head, handedHeads: heads,
      mac: enrolment.approvalMAC(second.certificate, head: head, handedHeads: heads))
  }

  @Test func letsAFurtherDeviceIn() throws {
    try second.post(Path.enrolments, request(second))
    try second.post(Path.enrolments, request(second))
    #expect(try list() == [request(second)])
    #expect(try result() == EnrolmentResult())
    let answer = EnrolmentAnswer(lookup: enrolment.lookup, nonce: nonce)
    try first.post(Path.enrolmentAnswer, answer)
    #expect(try result() == EnrolmentResult(answer: answer))
    #expect(try list() == [request(second)])
    try addSecond()
    let approval = try approval()
    try first.post(Path.enrolmentApprove, approval)
    #expect(try list().isEmpty)
    let result = try result()
    #expect(result.answer == answer)
    #expect(result.approval == approval)
    #expect(result.chain?.statements.count == 2)
    #expect(result.chain?.head.point == approval.accountHead)
    try second.logIn()
  }

  @Test func whatWasShownStaysAndNoIsTheLastWord() throws {
    let shown = EnrolmentAnswer(lookup: enrolment.lookup, nonce: nonce)
    let no = EnrolmentAnswer(lookup: enrolment.lookup, nonce: nil)
    #expect(throws: ErrorCode.enrolmentUnknown) { try first.post(Path.enrolmentAnswer, shown) }
    try second.post(Path.enrolments, request(second))
    try first.post(Path.enrolmentAnswer, shown)
    try first.post(Path.enrolmentAnswer, shown)
    let other = EnrolmentAnswer(
      lookup: enrolment.lookup, nonce: EnrolmentNonce(world.time.bytes(32)))
    #expect(throws: ErrorCode.notAllowed) { try first.post(Path.enrolmentAnswer, other) }
    try first.post(Path.enrolmentAnswer, no)
    #expect(try result() == EnrolmentResult(answer: no))
    #expect(try list().isEmpty)
    #expect(throws: ErrorCode.notAllowed) { try first.post(Path.enrolmentAnswer, shown) }
  }

  @Test func answersOnlyForTheOwnAccount() throws {
    try second.post(Path.enrolments, request(second))
    let organisation = try Clinic.found(world, first)
    let stranger = try world.join(try world.invite(.client, by: first, organisation))
    let answer = EnrolmentAnswer(lookup: enrolment.lookup, nonce: nil)
    #expect(throws: ErrorCode.enrolmentUnknown) {
      try stranger.post(Path.enrolmentAnswer, answer)
    }
  }

  @Test func wantsProofOfTheNewKeys() throws {
    let stolen = EnrolmentRequest(
      account: first.account, lookup: enrolment.lookup, certificate: second.certificate,
      proof: first.identity.sign(
        second.certificate.proofMessage(for: first.account), .deviceProof),
      nonce: nonce, mac: .zero)
    #expect(throws: ErrorCode.badSignature) { try second.post(Path.enrolments, stolen) }
  }

  @Test func knowsNoOtherAccounts() throws {
    let request = EnrolmentRequest(
      account: AccountID(Digest.zero), lookup: enrolment.lookup, certificate: second.certificate,
      proof: request(second).proof, nonce: nonce, mac: .zero)
    #expect(throws: ErrorCode.enrolmentUnknown) { try second.post(Path.enrolments, request) }
    #expect(throws: ErrorCode.enrolmentUnknown) { try result() }
  }

  @Test func isNotReplacedUnderItsName() throws {
    try second.post(Path.enrolments, request(second))
    let other = TestDevice(world, account: first.account)
    #expect(throws: ErrorCode.notAllowed) { try other.post(Path.enrolments, request(other)) }
  }

  @Test func lastsADay() throws {
    try second.post(Path.enrolments, request(second))
    world.time.pass(seconds: day)
    try first.logIn()
    #expect(try list().isEmpty)
    #expect(throws: ErrorCode.enrolmentUnknown) { try result() }
    try addSecond()
    let approval = try approval()
    #expect(throws: ErrorCode.enrolmentUnknown) {
      try first.post(Path.enrolmentApprove, approval)
    }
  }

  @Test func approvesOnlyWhatTheChainCertifies() throws {
    try second.post(Path.enrolments, request(second))
    let early = try approval()
    #expect(throws: ErrorCode.notAllowed) { try first.post(Path.enrolmentApprove, early) }
    try addSecond()
    #expect(throws: ErrorCode.notAllowed) { try first.post(Path.enrolmentApprove, early) }
    try first.post(Path.enrolmentApprove, approval())
  }

  @Test func keepsTheNewestSixteen() throws {
    var lookups: [Digest] = []
    for _ in 0..<20 {
      let device = TestDevice(world, account: first.account)
      let lookup = SharedSecret(random: world.time).lookup(.enrolmentLookup)
      lookups.append(lookup)
      try device.post(Path.enrolments, request(device, lookup: lookup))
    }
    #expect(try list().map(\.lookup) == Array(lookups.suffix(16)))
  }
}
