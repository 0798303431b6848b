import Merge
import Signing
import SyncProtocol
import TestSupport
import Testing

/// What evidence comes to for somebody who has nothing but the file.
@Suite struct EvidenceTests {
  private let log = TestLog()

  private func finding(_ shown: ShownHistory) throws -> EvidenceFinding {
    let evidence = Evidence(
      kind: "test", space: TestLog.space, timeMilliseconds: 1, server: TestLog.server, shown: shown)
    let file = EvidenceFile(items: [evidence])
    let read = try #require(EvidenceFile(decoding: file.encoded).items.first)
    return read.finding()
  }

  private func signed(_ head: LogHead, key: SigningKey = TestLog.logKey) -> SignedLogHead {
    SignedLogHead(head: head, timeMilliseconds: 5, key: key)
  }

  // MARK: Heads

  @Test func twoHeadsOfOnePlaceAreProof() throws {
    let first = log.readersHead
    let second = LogHead(
      space: first.space, incarnation: 0, position: first.position, hash: Hasher256.content([1]))
    let proof = try finding(.heads(signed(first), signed(second)))
    #expect(proof.weight == .proof)
    let same = try finding(.heads(signed(first), signed(first)))
    #expect(same.weight == .nothing)
    let elsewhere = try finding(
      .heads(signed(first), signed(first.next(Hasher256.content([1])))))
    #expect(elsewhere.weight == .nothing)
    let forged = try finding(
      .heads(signed(first), signed(second, key: log.devices[0].identity)))
    #expect(forged.weight == .nothing)
  }

  @Test func anotherServersCertificateProvesNothing() throws {
    let stranger = SigningKey(random: SeededRandom(seed: 3))
    let evidence = Evidence(
      kind: "test", space: nil, timeMilliseconds: 1,
      server: ServerCertificate(
        identity: stranger, log: stranger.publicKey, checkpoint: stranger.publicKey),
      shown: .heads(signed(log.readersHead), signed(log.readersHead)))
    #expect(evidence.finding().weight == .nothing)
  }

  // MARK: Views

  private func view(
    _ position: UInt64, _ head: Digest, key: SigningKey? = nil
  ) -> SignedView {
    let device = log.devices[0]
    let point = log.point(device.replica, 1)
    var generator = Generator(seed: 4)
    let seen = SeenHeads(
      account: generator.chainPoint(), incarnation: 0, position: Position(position), head: head,
      schema: .zero)
    return SignedView(
      replica: device.replica, point: point,
      signature: JournalSignature(
        space: TestLog.space, replica: device.replica, point: point, seen: seen,
        key: key ?? device.identity), key: device.identity.publicKey)
  }

  private var entryHashes: [Digest] {
    var points: [ReplicaID: JournalPoint] = [:]
    return log.entries.prefix(log.known).map { entry in
      guard let origin = entry.journalOrigin, let commit = entry.commit else {
        return entry.hash(at: nil)
      }
      let point = (points[origin.replica] ?? .start)
        .next(TestLog.space, origin.replica, content: commit.contentHash)
      points[origin.replica] = point
      return entry.hash(at: point)
    }
  }

  @Test func anotherViewOfASignedLogIsProof() throws {
    let own = TestLog.head(log.entries.prefix(2))
    let other = Hasher256.content([7])
    let rest = Array(entryHashes.dropFirst(2))
    let shown = { (hashes: [Digest], view: SignedView) in
      ShownHistory.view(
        ContradictingView(
          head: signed(log.readersHead), hash: own.hash, entryHashes: hashes, view: view))
    }
    let proof = try finding(shown(rest, view(2, other)))
    #expect(proof.weight == .proof)
    // Without the way to the signed head it is the finder's word.
    let word = try finding(shown([], view(2, other)))
    #expect(word.weight == .indication)
    let agreeing = try finding(shown(rest, view(2, own.hash)))
    #expect(agreeing.weight == .nothing)
    let forged = try finding(shown(rest, view(2, other, key: log.devices[1].identity)))
    #expect(forged.weight == .nothing)
    let far = try finding(shown(rest, view(Position.countMax - 1, other)))
    #expect(far.weight == .nothing)
  }

  // MARK: Pages

  private func shown(_ page: LogPage, position: UInt64? = nil) -> ShownHistory {
    let head = log.readersHead
    return .page(
      ShownPage(
        position: position.map { Position($0) } ?? head.position, hash: head.hash,
        signed: signed(head),
        journals: log.journals.keys.sorted().map {
          ShownPage.Journal(replica: $0, point: log.journalPoint($0))
        }, keys: log.devices.map(\.identity.publicKey), page: page))
  }

  @Test func aChangeThatNobodySignedIsProof() throws {
    let tails = log.journals.keys.sorted().map { log.tail($0, key: TestLog.identity) }
    let proof = try finding(shown(log.page(tails: tails, resigned: true)))
    #expect(proof.weight == .proof)
    let honest = try finding(shown(log.page()))
    #expect(honest.weight == .indication)
    let gap = try finding(shown(log.page(Array(log.entries[5..<log.end]), resigned: true)))
    #expect(gap.weight == .indication)
    let far = try finding(shown(log.page(), position: Position.countMax - 1))
    #expect(far.weight == .nothing)
  }

  // MARK: Chains

  private func head(
    _ account: TestAccount, _ point: ChainPoint, time: UInt64
  ) -> SignedChainHead {
    SignedChainHead(
      chain: .account(account.id), point: point, timeMilliseconds: time, key: TestLog.logKey)
  }

  @Test func aChainThatShrinksOrForksIsProof() throws {
    var account = try TestAccount(5)
    let first = account.chain.head
    try account.add(TestDevice(6))
    let known = head(account, account.chain.head, time: 10)
    let shorter = ChainPart(head: head(account, first, time: 11), statements: [])
    #expect(try finding(.chain(known, shorter)).weight == .proof)
    // The older word may say less.
    let older = ChainPart(head: head(account, first, time: 9), statements: [])
    #expect(try finding(.chain(known, older)).weight == .indication)

    let other = account.sign(account.addition(of: TestDevice(7), index: 1, previous: first.hash))
    let forked = ChainPart(head: head(account, other.point, time: 11), statements: [other])
    #expect(try finding(.chain(known, forked)).weight == .proof)
    let next = account.sign(account.addition(of: TestDevice(8), index: 2, previous: other.hash))
    let longer = ChainPart(head: head(account, next.point, time: 11), statements: [next])
    #expect(try finding(.chain(known, longer)).weight == .proof)
    let true2 = account.sign(account.addition(of: TestDevice(8)))
    let honest = ChainPart(head: head(account, true2.point, time: 11), statements: [true2])
    #expect(try finding(.chain(known, honest)).weight == .indication)
    #expect(try finding(.chain(nil, shorter)).weight == .indication)
  }

  @Test func aFileOfSomethingElseIsNotRead() {
    #expect(throws: WireError.self) { try EvidenceFile(decoding: [0x80]) }
    #expect(throws: WireError.self) {
      try EvidenceFile(decoding: EvidenceFile(items: []).encoded + [0])
    }
  }
}
