import CBOR
import Merge
import Signing
import SyncProtocol

/// A space's log of two devices and the server, and pages of it.
struct TestLog: PageGround {
  static let space: SpaceID = .init(Domain.spaceID.hash([1]))
  static let identity = Generator.keys[0]
  /// Signs heads, and the server's own journal.
  static let logKey = Generator.keys[1]
  static let server = ServerCertificate(
    identity: identity, log: logKey.publicKey, checkpoint: Generator.keys[2].publicKey)
  static let timeMilliseconds: UInt64 = 1_700_000_000_000

  let devices = [TestDevice(1), TestDevice(2)]
  /// Every commit of every journal, in order.
  private(set) var journals: [ReplicaID: [EncodedCommit]] = [:]
  private(set) var entries: [LogEntry] = []
  /// How many entries the reader has: the page under test begins behind them.
  let known = 4
  /// Where that page ends; one more commit of the first device follows.
  var end: Int { entries.count - 1 }

  init() {
    var generator = Generator(seed: 42)
    let (a, b) = (devices[0].replica, devices[1].replica)
    let server = ReplicaID(device: Self.server.device, home: 1)
    append(a, &generator)
    append(b, &generator)
    entries.append(.time(1))
    append(a, &generator)
    // The page under test.
    append(b, &generator, refused: Refusal(.gone, ["note"]))
    append(a, &generator)
    entries.append(.statement(generator.signedStatement()))
    append(server, &generator)
    append(a, &generator)
    entries.append(.authority(generator.authority()))
    append(b, &generator)
    entries.append(.time(2))
    append(a, &generator)
  }

  private mutating func append(
    _ replica: ReplicaID, _ generator: inout Generator, refused: Refusal? = nil
  ) {
    let commit = generator.encodedCommit()
    journals[replica, default: []].append(commit)
    let origin = Origin(replica: replica, sequence: UInt64(journals[replica]!.count))
    entries.append(
      refused.map { .refusal(origin, commit.withoutSealed, $0) } ?? .commit(origin, commit))
  }

  // MARK: Hashes

  /// The journal's point after its first `count` commits.
  func point(_ replica: ReplicaID, _ count: Int) -> JournalPoint {
    (journals[replica] ?? []).prefix(count).reduce(.start) { point, commit in
      point.next(Self.space, replica, content: commit.contentHash)
    }
  }

  /// The head after these entries; journals are chained as the entries say, right or wrong.
  static func head(_ entries: some Collection<LogEntry>, incarnation: UInt64 = 0) -> LogHead {
    var head = LogHead.start(of: space, incarnation: incarnation)
    var points: [ReplicaID: JournalPoint] = [:]
    for entry in entries {
      var point: JournalPoint?
      if let origin = entry.journalOrigin, let content = entry.contentHash {
        let before = points[origin.replica] ?? .start
        point = before.next(space, origin.replica, content: content)
        points[origin.replica] = point
      }
      head = head.next(entry.hash(at: point))
    }
    return head
  }

  var readersHead: LogHead { Self.head(entries.prefix(known)) }

  // MARK: The reader

  func journalPoint(_ replica: ReplicaID) -> JournalPoint {
    point(replica, entries.prefix(known).count { $0.journalOrigin?.replica == replica })
  }

  func identityKey(_ device: DeviceID) -> SigningPublicKey? {
    devices.first { $0.id == device }?.identity.publicKey
  }

  // MARK: Pages

  func signature(_ replica: ReplicaID, key: SigningKey? = nil) -> JournalSignature {
    var generator = Generator(seed: 6)
    let own = devices.first { $0.replica == replica }?.identity ?? Self.logKey
    return JournalSignature(
      space: Self.space, replica: replica, point: point(replica, journals[replica]?.count ?? 0),
      seen: generator.seenHeads(), key: key ?? own)
  }

  /// From the last commit in the first `end` entries to the journal's signature.
  func tail(_ replica: ReplicaID, key: SigningKey? = nil) -> LogPage.JournalTail {
    let count = entries.prefix(end).count { $0.journalOrigin?.replica == replica }
    return LogPage.JournalTail(
      replica: replica,
      contentHashes: (journals[replica] ?? []).dropFirst(count).map(\.contentHash),
      signature: signature(replica, key: key))
  }

  /// The page behind the reader's head.
  ///
  /// - Parameters:
  ///   - altered: what is in it instead.
  ///   - resigned: whether the server signs what is in it; otherwise the head is the true one.
  func page(
    _ altered: [LogEntry]? = nil, tails: [LogPage.JournalTail]? = nil, resigned: Bool = false,
    after: UInt64? = nil
  ) -> LogPage {
    let truth = Array(entries[known..<end])
    let signed = resigned ? altered ?? truth : truth
    let head = Self.head(entries.prefix(known) + signed)
    return LogPage(
      after: Position(after ?? UInt64(known)), entries: altered ?? truth,
      tails: tails ?? journals.keys.sorted().map { tail($0) },
      head: SignedLogHead(
        head: head, timeMilliseconds: Self.timeMilliseconds, key: Self.logKey),
      last: Position(UInt64(entries.count)))
  }

  func verify(_ page: LogPage, from: LogHead? = nil) throws -> [Int: JournalPoint] {
    try PageVerifier(server: Self.server).verify(page, from: from ?? readersHead, ground: self)
  }
}
