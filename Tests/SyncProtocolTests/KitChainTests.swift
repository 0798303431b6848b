import Merge
import Signing
import SyncProtocol
import TestSupport
import Testing

/// Recovery kits on an account's chain (protocol 4.5).
struct KitChainTests {
  private static let day: UInt64 = 24 * 60 * 60 * 1000
  private static let server = SigningKey(random: SeededRandom(seed: 99))

  /// With two devices and a kit that counts.
  private let account: TestAccount
  private let second = TestDevice(2)
  private let kit = TestDevice(20)

  init() throws {
    var account = try TestAccount(1)
    try account.add(second)
    try account.append(account.announcement(of: kit))
    self.account = account
  }

  private func refuses(
    _ error: ChainError, _ signed: SignedStatement, in other: TestAccount? = nil,
    areHeadsSigned: Bool = true
  ) {
    var chain = (other ?? account).chain
    let before = chain
    #expect(throws: error) { try chain.append(signed, areHeadsSigned: areHeadsSigned) }
    #expect(chain == before)
  }

  private func head(_ account: TestAccount, days: UInt64) -> SignedChainHead {
    SignedChainHead(
      chain: .account(account.id), point: account.chain.head,
      timeMilliseconds: 1_700_000_000_000 + days * Self.day, key: Self.server)
  }

  /// Another kit is announced by the second device.
  private func announced(_ next: TestDevice) throws -> TestAccount {
    var account = account
    try account.append(account.announcement(of: next, by: second))
    return account
  }

  @Test func theFirstKitCountsAtOnceAndIsNoDevice() {
    #expect(account.chain.countingKit?.certificate == kit.certificate)
    #expect(account.chain.awaitedKit == nil)
    #expect(
      account.chain.presentDevices.map(\.certificate.device) == [account.device.id, second.id])
    #expect(account.chain.keyHolders.map(\.certificate.device).last == kit.id)
  }

  /// Also where the account's key is replaced.
  @Test func everyKeyIsWrappedForTheKit() throws {
    refuses(.recipientsWrong, account.revocation(of: second, for: [account.device.id]))
    var account = account
    let signed = account.revocation(of: second)
    try account.append(signed)
    guard case .deviceRevocation(let body) = signed.statement.body else { return }
    #expect(
      account.chain.countingKit?.accountKeyWrap == body.wraps.first { $0.device == kit.id }?.hash)
  }

  @Test func theProofIsForAKitOfThisAccount() throws {
    let other = TestDevice(21)
    let plain = try TestAccount(1)
    // What a device signs to become a device makes no kit, and the other way round.
    refuses(
      .badSignature, plain.announcement(of: other, proof: other.proof(for: plain.id)), in: plain)
    let kitProof = other.kitProof(for: plain.id)
    refuses(.badSignature, plain.sign(plain.addition(of: other, proof: kitProof)), in: plain)
    let strange = try TestAccount(5)
    refuses(
      .badSignature, plain.announcement(of: other, proof: other.kitProof(for: strange.id)),
      in: plain)
  }

  @Test func theKitLetsADeviceInThatOutranksTheOthers() throws {
    var account = account
    let restored = TestDevice(3)
    try account.append(account.sign(account.addition(of: restored), by: kit))
    #expect(account.chain.devices[restored.id]?.rank == 1)
    // Whoever has the old devices cannot take it out.
    refuses(.notAllowed, account.revocation(of: restored, by: second), in: account)
    refuses(.notAllowed, account.revocation(of: restored), in: account)
    // It takes out the used kit at once, and them.
    try account.append(account.revocation(of: kit, by: restored, seed: 4))
    try account.append(account.revocation(of: second, by: restored, seed: 5))
    #expect(account.chain.countingKit == nil)
    #expect(
      account.chain.presentDevices.map(\.certificate.device)
        == [account.device.id, restored.id])
  }

  /// With a kit of its own it would have the same rank, and take the restored device out.
  @Test func whoIsOutrankedMakesNoKit() throws {
    var account = account
    let (restored, theirs, next) = (TestDevice(3), TestDevice(21), TestDevice(22))
    try account.append(account.sign(account.addition(of: restored), by: kit))
    try account.append(account.revocation(of: kit, by: restored, seed: 4))
    refuses(.notAllowed, account.announcement(of: theirs, by: second), in: account)
    try account.append(account.announcement(of: next, by: restored))
    #expect(account.chain.countingKit?.rank == 1)
    refuses(.notAllowed, account.announcement(of: theirs, by: second), in: account)
  }

  @Test func whatARestoredDeviceLetsInHasItsRank() throws {
    var account = account
    let (restored, tablet) = (TestDevice(3), TestDevice(4))
    try account.append(account.sign(account.addition(of: restored), by: kit))
    try account.append(account.sign(account.addition(of: tablet), by: restored))
    refuses(.notAllowed, account.revocation(of: tablet), in: account)
    try account.append(account.revocation(of: restored, by: tablet, seed: 4))
    #expect(account.chain.isRevoked(restored.id))
  }

  @Test func aUsedUpKitLetsNobodyIn() throws {
    var account = account
    let restored = TestDevice(3)
    try account.append(account.sign(account.addition(of: restored), by: kit))
    try account.append(account.revocation(of: kit, by: restored, seed: 4))
    refuses(.notAllowed, account.sign(account.addition(of: TestDevice(4)), by: kit), in: account)
  }

  @Test func aKitSaysNothingElse() throws {
    refuses(.notAllowed, account.revocation(of: second, by: kit))
    refuses(.notAllowed, account.announcement(of: TestDevice(22), by: kit))
    let team = SignedStatement(
      Statement(
        subject: .newChain, index: 0, previous: nil, account: account.id, device: kit.id,
        timeMilliseconds: 1, body: .engagementEnd), key: kit.identity)
    let byKit = try team.isSignedByItsAuthor(Directory([account]))
    #expect(!byKit)
  }

  @Test func aSecondKitWaits() throws {
    let next = TestDevice(21)
    let account = try announced(next)
    #expect(account.chain.countingKit?.certificate == kit.certificate)
    #expect(account.chain.awaitedKit?.certificate == next.certificate)
    refuses(.notAllowed, account.sign(account.addition(of: TestDevice(3)), by: next), in: account)
    refuses(.exists, account.announcement(of: TestDevice(22)), in: account)
  }

  /// A thief with an unlocked device cannot be rid of the kit at once.
  @Test func noDeviceTakesOutTheKitThatCounts() throws {
    refuses(.notAllowed, account.revocation(of: kit))
    let announced = try announced(TestDevice(21))
    refuses(.notAllowed, announced.revocation(of: kit), in: announced)
  }

  @Test func afterSevenDaysTheNextOneCounts() throws {
    let next = TestDevice(21)
    var account = try announced(next)
    let waiting = KitWaiting(announced: head(account, days: 0), present: head(account, days: 7))
    try account.append(account.revocation(of: kit, waiting: waiting), areHeadsSigned: true)
    #expect(account.chain.countingKit?.certificate == next.certificate)
    #expect(account.chain.isRevoked(kit.id))
    refuses(.notAllowed, account.sign(account.addition(of: TestDevice(3)), by: kit), in: account)
    try account.append(account.sign(account.addition(of: TestDevice(3)), by: next))
  }

  @Test func theWaitIsOfThisChainLongEnoughAndTheServers() throws {
    let before = account
    let next = TestDevice(21)
    let account = try announced(next)
    let strange = try TestAccount(5)
    let present = head(account, days: 7)
    for (waiting, isSigned) in [
      (KitWaiting(announced: head(account, days: 0), present: head(account, days: 6)), true),
      (KitWaiting(announced: head(account, days: 7), present: head(account, days: 0)), true),
      // From before it was announced, or of somebody else's chain.
      (KitWaiting(announced: head(before, days: 0), present: present), true),
      (KitWaiting(announced: head(strange, days: 0), present: present), true),
      (KitWaiting(announced: head(account, days: 0), present: present), false),
    ] {
      refuses(
        .notAllowed, account.revocation(of: kit, waiting: waiting), in: account,
        areHeadsSigned: isSigned)
    }
    // Nobody waits for a device to go.
    let waiting = KitWaiting(announced: head(account, days: 0), present: present)
    refuses(.unexpected, account.revocation(of: second, waiting: waiting), in: account)
  }

  @Test func aKitThatWaitsIsWithdrawnAtOnce() throws {
    let next = TestDevice(21)
    var account = try announced(next)
    try account.append(account.revocation(of: next))
    #expect(account.chain.awaitedKit == nil)
    #expect(account.chain.countingKit?.certificate == kit.certificate)
    try account.append(account.announcement(of: TestDevice(22)))
    #expect(account.chain.awaitedKit?.certificate == TestDevice(22).certificate)
  }

  /// Another history that the server has signed is given up for this one.
  @Test func aMergeNamesAnotherHistoryOfThisChain() throws {
    let other = try announced(TestDevice(21))
    let strange = try TestAccount(5)
    func merge(_ head: SignedChainHead, by author: TestDevice? = nil) -> SignedStatement {
      SignedStatement(
        Statement(
          subject: .chain(.account(account.id)), index: account.chain.head.index + 1,
          previous: account.chain.head.hash, account: account.id,
          device: (author ?? second).id, timeMilliseconds: 1,
          body: .chainMerge(ChainMerge(abandoned: head))), key: (author ?? second).identity)
    }
    let abandoned = head(other, days: 0)
    refuses(.notAllowed, merge(abandoned), areHeadsSigned: false)
    refuses(.notAllowed, merge(head(account, days: 0)))
    refuses(.notAllowed, merge(head(strange, days: 0)))
    refuses(.notAllowed, merge(abandoned, by: kit))
    var merged = account
    try merged.append(merge(abandoned), areHeadsSigned: true)
    #expect(merged.chain.merges.map(\.abandoned) == [abandoned.point])
    #expect(merged.chain.merges.map(\.device) == [second.id])
  }

  /// The old kit is used against whoever announced another one: that one does not move up.
  @Test func theUsedKitGoesWithoutTheAnnouncedOneMovingUp() throws {
    let (next, restored) = (TestDevice(21), TestDevice(3))
    var account = try announced(next)
    try account.append(account.sign(account.addition(of: restored), by: kit))
    try account.append(account.revocation(of: kit, by: restored, seed: 4))
    #expect(account.chain.countingKit == nil)
    refuses(.notAllowed, account.sign(account.addition(of: TestDevice(4)), by: next), in: account)
    try account.append(account.revocation(of: next, by: restored, seed: 5))
    try account.append(account.announcement(of: TestDevice(22), by: restored))
    #expect(account.chain.countingKit?.rank == 1)
    // A device that is left over neither announces another one nor replaces that one, however long it
    // waits.
    refuses(.notAllowed, account.announcement(of: TestDevice(23), by: second), in: account)
    try account.append(account.announcement(of: TestDevice(23), by: restored))
    let waiting = KitWaiting(announced: head(account, days: 0), present: head(account, days: 8))
    refuses(
      .notAllowed, account.revocation(of: TestDevice(22), by: second, waiting: waiting, seed: 6),
      in: account)
  }
}

extension TestDevice {
  func kitProof(for account: AccountID) -> Signature {
    identity.sign(certificate.proofMessage(for: account), .kitProof)
  }
}

extension TestAccount {
  func announcement(
    of kit: TestDevice, by author: TestDevice? = nil, proof: Signature? = nil
  ) -> SignedStatement {
    let author = author ?? device
    return SignedStatement(
      Statement(
        subject: .chain(.account(id)), index: chain.head.index + 1, previous: chain.head.hash,
        account: id, device: author.id, timeMilliseconds: 4,
        body: .kit(
          DeviceAddition(
            device: kit.certificate, proof: proof ?? kit.kitProof(for: id), accountKeyWrap: .zero))),
      key: author.identity)
  }

  /// The same statement by another device or kit.
  func sign(_ statement: Statement, by author: TestDevice) -> SignedStatement {
    SignedStatement(
      Statement(
        subject: statement.subject, index: statement.index, previous: statement.previous,
        account: statement.account, device: author.id,
        timeMilliseconds: statement.timeMilliseconds, body: statement.body), key: author.identity)
  }
}
