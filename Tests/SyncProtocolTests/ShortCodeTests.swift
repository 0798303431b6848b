import CBOR
import Merge
import Signing
import SyncProtocol
import TestSupport
import Testing

/// The code that two devices show while one lets the other in.
@Suite struct ShortCodeTests {
  private static func enrolment(
    _ generator: inout Generator, nonce: EnrolmentNonce, head: ChainPoint? = nil
  ) -> Enrolment {
    Enrolment(
      server: generator.octets(), account: generator.id(), role: .client,
      accountHead: head ?? generator.chainPoint(), expiresMilliseconds: generator.milliseconds(),
      nonce: nonce, secret: generator.secret())
  }

  @Test func hasSixDigits() {
    var codes: Set<String> = []
    var hasLeadingZero = false
    for seed in 0..<200 as Range<UInt64> {
      var generator = Generator(seed: seed)
      let nonce: EnrolmentNonce = generator.id()
      let code = Self.enrolment(&generator, nonce: nonce)
        .shortCode(generator.certificate(), joining: generator.id(), nonce: nonce)
      #expect(code.utf8.count == 6)
      #expect(code.utf8.allSatisfy { (0x30...0x39).contains($0) })
      codes.insert(code)
      hasLeadingZero = hasLeadingZero || code.hasPrefix("0")
    }
    #expect(codes.count > 190)
    #expect(hasLeadingZero)
  }

  /// Whatever somebody in the middle changes, the code is another.
  @Test func everyPartOfTheTranscriptCounts() {
    var generator = Generator(seed: 9)
    let (nonce, joining): (EnrolmentNonce, EnrolmentNonce) = (generator.id(), generator.id())
    let server: SigningPublicKey = generator.octets()
    let accounts: [AccountID] = [generator.id(), generator.id()]
    let heads = [generator.chainPoint(), generator.chainPoint()]
    let certificates = [generator.certificate(), generator.certificate()]
    let make = { (server: SigningPublicKey, account: AccountID, head: ChainPoint) in
      Enrolment(
        server: server, account: account, role: .client, accountHead: head,
        expiresMilliseconds: 1, nonce: nonce, secret: generator.secret())
    }
    let enrolment = make(server, accounts[0], heads[0])
    let code = enrolment.shortCode(certificates[0], joining: joining, nonce: nonce)
    // The secret is no part of it: it is what somebody in the middle may hold.
    #expect(
      make(server, accounts[0], heads[0])
        .shortCode(certificates[0], joining: joining, nonce: nonce) == code)
    let others = [
      make(generator.octets(), accounts[0], heads[0]), make(server, accounts[1], heads[0]),
      make(server, accounts[0], heads[1]),
    ].map { $0.shortCode(certificates[0], joining: joining, nonce: nonce) }
    let changed =
      others + [
        enrolment.shortCode(certificates[1], joining: joining, nonce: nonce),
        enrolment.shortCode(certificates[0], joining: generator.id(), nonce: nonce),
        enrolment.shortCode(certificates[0], joining: joining, nonce: generator.id()),
      ]
    #expect(!changed.contains(code))
    #expect(Set(changed).count == changed.count)
  }

  /// The commitment opens to one nonce, with the terms that it was made with.
  @Test func aCommitmentIsToOneNonceAndItsTerms() throws {
    var generator = Generator(seed: 4)
    let nonce: EnrolmentNonce = generator.id()
    let enrolment = Self.enrolment(&generator, nonce: nonce)
    #expect(enrolment.isOpened(by: nonce))
    #expect(!enrolment.isOpened(by: generator.id()))
    #expect(try Enrolment(decoding: enrolment.encoded).isOpened(by: nonce))
    // The terms of another token do not go with this one's commitment.
    let other = Self.enrolment(&generator, nonce: nonce)
    var writer = CBORWriter()
    writer.array(count: 3)
    let terms = other.encoded.dropFirst().dropLast(34 + 34)
    let swapped =
      writer.bytes + terms + enrolment.encoded.suffix(34 + 34)
    #expect(try !Enrolment(decoding: swapped).isOpened(by: nonce))
  }

  @Test func handedHeadsAreForOneDeviceBySigner() {
    var generator = Generator(seed: 5)
    let key = SigningKey(random: SeededRandom(seed: 1))
    let joining: DeviceID = generator.id()
    let heads = HandedHeads(
      chains: [HandedHeads.Chain(chain: generator.chainReference(), point: generator.chainPoint())],
      spaces: [], for: joining, by: DeviceID(key.publicKey), key: key)
    #expect(heads.isSigned(for: joining, by: key.publicKey))
    #expect(!heads.isSigned(for: generator.id(), by: key.publicKey))
    #expect(
      !heads.isSigned(for: joining, by: SigningKey(random: SeededRandom(seed: 2)).publicKey))
  }

  @Test func aFingerprintIsOfAccountAndKey() {
    var generator = Generator(seed: 6)
    let (account, key): (AccountID, ExchangePublicKey) = (generator.id(), generator.octets())
    let fingerprint = AccountFingerprint(account: account, key: key)
    #expect(fingerprint.bytes.count == AccountFingerprint.byteCount)
    #expect(fingerprint.bytes != AccountFingerprint(account: generator.id(), key: key).bytes)
    #expect(
      fingerprint.bytes != AccountFingerprint(account: account, key: generator.octets()).bytes)
    #expect(fingerprint.token.hasPrefix("satchel-key-1-"))
  }
}
