import Merge
import Signing
import SyncProtocol
import TestSupport
import Testing

struct IdentityTests {
  // MARK: Time-ordered ids

  private static func id(_ milliseconds: UInt64, seed: UInt64 = 1) -> RecordID {
    let environment = Environment(
      nowMilliseconds: { milliseconds }, random: SeededRandom(seed: seed))
    return TimeOrderedID.make(RecordID.self, environment)
  }

  @Test(arguments: 0..<50) func aTimeOrderedIDIsAUUIDOfVersionSeven(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let now = random.next() >> 16
    let bytes = Self.id(now, seed: seed).bytes
    // RFC 9562 §5.7: version in the high half of the seventh byte, variant in the ninth.
    #expect(bytes[6] >> 4 == 7)
    #expect(bytes[8] >> 6 == 0b10)
    #expect(bytes.prefix(6).reduce(0) { $0 << 8 | UInt64($1) } == now)
  }

  @Test func laterIDsSortHigher() {
    let times: [UInt64] = [0, 1, 255, 256, 65_536, 1_700_000_000_000, 1_700_000_000_001, 1 << 47]
    let ids = times.enumerated().map { Self.id($1, seed: 100 - UInt64($0)) }
    #expect(ids == ids.sorted())
    #expect(Set(ids).count == ids.count)
  }

  @Test func idsOfOneMomentDiffer() {
    let random = SeededRandom(seed: 1)
    let environment = Environment(nowMilliseconds: { 5 }, random: random)
    let ids = (0..<100).map { _ in TimeOrderedID.make(SpaceID.self, environment) }
    #expect(Set(ids).count == 100)
  }

  // MARK: Derived ids

  @Test func aDevicesIDIsOfItsKey() {
    let (one, two) = (TestDevice(1), TestDevice(2))
    #expect(one.id == DeviceID(one.identity.publicKey))
    #expect(one.id != two.id)
  }

  @Test func spacesOfOneOwnerDifferByKind() {
    var generator = Generator(seed: 1)
    let bytes = generator.random.bytes(32)
    guard let account = AccountID(bytes), let team = TeamID(bytes) else { return }
    #expect(SpaceID.vault(of: account) != SpaceID.team(team))
    #expect(SpaceID.vault(of: account) == SpaceID.vault(of: account))
  }

  @Test func anotherApprovalIsAnotherEngagement() {
    var generator = Generator(seed: 1)
    let (assignment, other): (SpaceID, SpaceID) = (generator.id(), generator.id())
    let (first, second) = (generator.origin(), generator.origin())
    let ids: Set<SpaceID> = [
      .engagement(assignment: assignment, approval: first),
      .engagement(assignment: assignment, approval: second),
      .engagement(assignment: other, approval: first),
    ]
    #expect(ids.count == 3)
  }

  // MARK: Certificates

  @Test func aServersCertificateIsSignedByItsIdentity() throws {
    var generator = Generator(seed: 1)
    let certificate = ServerCertificate(
      identity: Generator.keys[0], log: Generator.keys[1].publicKey, checkpoint: generator.octets())
    #expect(certificate.isValid)
    #expect(certificate.device == DeviceID(Generator.keys[1].publicKey))
    // Any other key in its place is noticed.
    let bytes = certificate.encoded
    for offset in [3, 37, 71, 105] {
      var altered = bytes
      altered[offset] ^= 1
      #expect(try !ServerCertificate(decoding: altered).isValid)
    }
  }

  @Test func aSessionNamesServerDeviceAndScope() {
    var generator = Generator(seed: 1)
    let (server, other): (SigningPublicKey, SigningPublicKey) = (
      generator.octets(), generator.octets()
    )
    let (account, device): (AccountID, DeviceID) = (generator.id(), generator.id())
    let nonce = generator.random.bytes(32)
    func message(_ server: SigningPublicKey, _ scope: SessionScope, _ nonce: [UInt8]) -> [UInt8] {
      SessionRequest.message(
        server: server, account: account, device: device, scope: scope, nonce: nonce)
    }
    let messages: Set<[UInt8]> = [
      message(server, .full, nonce), message(other, .full, nonce), message(server, .pull, nonce),
      message(server, .full, Array(nonce.reversed())),
    ]
    #expect(messages.count == 4)
  }
}
