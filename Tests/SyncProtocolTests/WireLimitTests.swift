import CBOR
import Merge
import Signing
import SyncProtocol
import TestSupport
import Testing

/// Every list, string and number has a limit, and it is checked before anything is built.
struct WireLimitTests {
  /// A message that holds `count` of what is limited.
  struct Limit: Sendable, CustomTestStringConvertible {
    let name: String
    let max: Int
    let message: @Sendable (Int) -> [UInt8]
    let decode: @Sendable ([UInt8]) throws(WireError) -> Void

    init<Value: WireCodable>(
      _ name: String, _ max: Int, _ message: @escaping @Sendable (Int) -> Value
    ) {
      self.name = "\(Value.self): \(name)"
      self.max = max
      self.message = { message($0).encoded }
      decode = { bytes throws(WireError) in _ = try Value(decoding: bytes) }
    }

    var testDescription: String { name }
  }

  private static func repeated<Value>(_ count: Int, _ body: (inout Generator) -> Value) -> [Value] {
    var generator = Generator(seed: 5)
    let value = body(&generator)
    return [Value](repeating: value, count: count)
  }

  private static func one<Value>(_ body: (inout Generator) -> Value) -> Value {
    var generator = Generator(seed: 5)
    return body(&generator)
  }

  private static func letters(_ count: Int) -> String { String(repeating: "a", count: count) }

  private static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

  static let lists: [Limit] = [
    Limit("members", SpaceOpening.memberCountMax) { count in
      SpaceOpening(kind: .vault, members: repeated(count) { $0.spaceMember() })
    },
    Limit("wraps", SpaceOpening.memberCountMax) { count in
      EpochStatement(
        commitment: .zero,
        wraps: repeated(count) { EpochStatement.Wrap(recipient: $0.id(), hash: .zero) })
    },
    Limit("seals", EpochStatement.furtherSealCountMax) { count in
      EpochStatement(
        commitment: .zero, wraps: [],
        furtherSeals: repeated(count) { EpochStatement.Seal(epoch: $0.id(), hash: .zero) })
    },
    Limit("wraps", TeamKey.memberCountMax) { count in
      TeamKey(
        generation: 0, key: one { $0.octets() },
        wraps: repeated(count) { TeamKey.Wrap(account: $0.id(), hash: .zero) })
    },
    Limit("commits", JournalSegment.commitCountMax) { count in
      JournalSegment(
        replica: one { $0.id() }, after: .start,
        commits: [EncodedCommit](
          repeating: EncodedCommit(header: [0], keys: [0], open: [0], sealed: [0]), count: count),
        signature: one { $0.journalSignature() })
    },
    Limit("entries", LogPage.entryCountMax) { count in
      LogPage(
        after: .zero, entries: repeated(count) { _ in .time(1) }, tails: [],
        head: one { $0.logHead() }, last: .zero)
    },
    Limit("tail", JournalSegment.commitCountMax) { count in
      let tail = LogPage.JournalTail(
        replica: one { $0.id() }, contentHashes: repeated(count) { _ in .zero },
        signature: one { $0.journalSignature() })
      return LogPage(
        after: .zero, entries: [], tails: [tail], head: one { $0.logHead() }, last: .zero)
    },
    Limit("wraps", 4096) { count in
      WrapsRequest(space: one { $0.id() }, wraps: repeated(count) { _ in [] })
    },
    Limit("hashes", 4096) { count in
      WrapsFetchRequest(owner: one { $0.wrapOwner() }, hashes: repeated(count) { _ in .zero })
    },
    Limit("wraps", 4096) { WrapsFetchResponse(wraps: repeated($0) { _ in nil }) },
    Limit("hashes", 8192) { count in
      BlobsMissingRequest(space: one { $0.id() }, hashes: repeated(count) { _ in .zero })
    },
    Limit("hashes", 8192) { BlobsMissingResponse(hashes: repeated($0) { _ in .zero }) },
    Limit("blobs", 1024) { count in
      BlobsPutRequest(
        space: one { $0.id() },
        blobs: repeated(count) { _ in BlobsPutRequest.Blob(hash: .zero, bytes: []) })
    },
    Limit("hashes", 1024) { count in
      BlobsFetchRequest(space: one { $0.id() }, hashes: repeated(count) { _ in .zero })
    },
    Limit("blobs", 1024) { BlobsFetchResponse(blobs: repeated($0) { _ in nil }) },
    Limit("invitations", 4096) { count in
      InvitationList(invitations: repeated(count) { $0.invitationState() })
    },
    Limit("wraps", 1024) { count in
      ChainAppendRequest(
        chain: nil, statement: one { $0.signedStatement() }, wraps: repeated(count) { _ in [] })
    },
    Limit("parts", 256) { ChainRequest(parts: repeated($0) { $0.chainPartRequest() }) },
    Limit("parts", 256) { count in
      ChainResponse(parts: repeated(count) { ChainPart(head: $0.chainHead(), statements: []) })
    },
    Limit("items", PushRequest.itemCountMax) { count in
      PushRequest(
        space: one { $0.id() }, items: repeated(count) { .statement($0.signedStatement()) })
    },
    Limit("handed chains", HandedHeads.countMax) { count in
      var generator = Generator(seed: 5)
      let chain = HandedHeads.Chain(
        chain: generator.chainReference(), point: generator.chainPoint())
      return HandedHeads(
        chains: [HandedHeads.Chain](repeating: chain, count: count), spaces: [],
        for: generator.id(), by: generator.id(),
        key: SigningKey(random: SeededRandom(seed: 1)))
    },
    Limit("requests", 16) { EnrolmentList(requests: repeated($0) { $0.enrolmentRequest() }) },
    Limit("versions", 16) { count in
      ServerInfo(
        versions: repeated(count) { _ in 1 }, certificate: one { $0.serverCertificate() },
        timeMilliseconds: 0)
    },
  ]

  static let strings: [Limit] = [
    Limit("name", OrganisationCreation.nameByteCountMax) { count in
      OrganisationCreation(name: letters(count), accountHead: one { $0.chainPoint() })
    },
    Limit("name", OrganisationCreation.nameByteCountMax) { count in
      TeamCreation(organisation: one { $0.id() }, name: letters(count))
    },
    Limit("name", OrganisationCreation.nameByteCountMax) { count in
      OrganisationMember(
        account: one { $0.id() }, accountHead: one { $0.chainPoint() }, role: .admin,
        name: letters(count))
    },
    Limit("token", 128) { count in
      SessionGrant(token: letters(count), expiresMilliseconds: 0, timeMilliseconds: 0)
    },
    Limit("nonce", 32) { Challenge(nonce: zeros($0), timeMilliseconds: 0) },
    Limit("nonce", 32) { count in
      SessionRequest(
        account: one { $0.id() }, device: one { $0.id() }, scope: .full, nonce: zeros(count),
        signature: one { $0.octets() })
    },
    Limit("wrap", 1024) { count in
      WrapsRequest(space: one { $0.id() }, wraps: [zeros(count)])
    },
    Limit("wrap", 1024) { WrapsFetchResponse(wraps: [zeros($0)]) },
    Limit("wrap", 1024) { count in
      AccountRequest(
        creation: one { $0.signedStatement() }, accountKeyWrap: zeros(count), invitation: .zero,
        role: .client, acceptance: .zero)
    },
    // Three parts of one byte, and five in front of the fourth.
    Limit("bytes", Commit.byteCountMax - 8) { count in
      EncodedCommit(
        header: [0], keys: [0], open: [0], sealed: CBORValue.text(letters(count)).encoded)
    },
  ]

  @Test(arguments: lists + strings) func takesAsMuchAsItsLimit(limit: Limit) throws {
    try limit.decode(limit.message(limit.max))
  }

  @Test(arguments: lists + strings) func refusesOneMore(limit: Limit) {
    #expect(throws: WireError.self) { try limit.decode(limit.message(limit.max + 1)) }
  }

  @Test func aListIsRefusedByItsHeader() {
    // The header of the largest array there can be, and nothing behind it.
    var writer = CBORWriter()
    writer.array(count: 1)
    writer.array(count: .max)
    let bytes = writer.bytes
    #expect(throws: WireError.encoding(.tooManyItems(offset: 1))) {
      try ChainRequest(decoding: bytes)
    }
    #expect(throws: WireError.encoding(.tooManyItems(offset: 1))) {
      try InvitationList(decoding: bytes)
    }
  }

  // MARK: Numbers

  @Test func positionsAndSequencesStayBelowTheirCount() throws {
    let most = Position.countMax - 1
    let hash = Digest.zero
    #expect(
      try JournalPoint(decoding: JournalPoint(sequence: most, hash: hash).encoded).sequence == most)
    #expect(throws: WireError.tooLarge("sequence")) {
      try JournalPoint(decoding: JournalPoint(sequence: most + 1, hash: hash).encoded)
    }
    var writer = CBORWriter()
    writer.array(count: 2)
    writer.unsigned(0)
    writer.unsigned(Position.countMax)
    let bytes = writer.bytes
    #expect(throws: WireError.tooLarge("position")) { try PushVerdict(decoding: bytes) }
  }

  @Test func timesHaveFortyEightBits() throws {
    let most: UInt64 = (1 << 48) - 1
    let nonce: [UInt8] = []
    let message = Challenge(nonce: nonce, timeMilliseconds: most)
    #expect(try Challenge(decoding: message.encoded) == message)
    #expect(throws: WireError.tooLarge("time")) {
      try Challenge(decoding: Challenge(nonce: nonce, timeMilliseconds: most + 1).encoded)
    }
    #expect(throws: WireError.tooLarge("time")) {
      try LogEntry(decoding: LogEntry.time(most + 1).encoded)
    }
  }

  @Test(arguments: [0, Position.countMax, .max])
  func anOriginIsAPlaceInAJournal(sequence: UInt64) {
    let origin = Origin(replica: Self.one { $0.id() }, sequence: sequence)
    let opening = SpaceOpening(kind: .engagement, members: [], approval: origin)
    #expect(throws: WireError.tooLarge("sequence")) {
      try SpaceOpening(decoding: opening.encoded)
    }
  }

  @Test func pagesHaveASize() throws {
    let space = Self.one { $0.id(SpaceID.self) }
    func request(_ count: UInt64) -> PullRequest {
      PullRequest(space: space, incarnation: 0, after: .zero, byteCountMax: count)
    }
    let most = request(PullRequest.pageByteCountMax)
    #expect(try PullRequest(decoding: most.encoded) == most)
    #expect(throws: WireError.tooLarge("page")) {
      try PullRequest(decoding: request(PullRequest.pageByteCountMax + 1).encoded)
    }
  }

  @Test func feedPositionsFitADatabase() throws {
    let most = UInt64(Int64.max)
    #expect(try FeedRequest(decoding: FeedRequest(after: most).encoded).after == most)
    #expect(throws: WireError.self) {
      try FeedRequest(decoding: FeedRequest(after: most + 1).encoded)
    }
  }

  // MARK: Versions

  @Test func anUnknownSuiteFailsClosed() {
    var bytes = Self.one { $0.statement() }.encoded
    // The suite stands behind the array's head.
    #expect(bytes[1] == UInt8(Domain.suite))
    bytes[1] = 2
    let other = bytes
    #expect(throws: WireError.unknownSuite) { try Statement(decoding: other) }
  }

  @Test func aTeamKeyForAsManyAsAllowedFitsAStatement() throws {
    let body = TeamKey(
      generation: 0, key: Self.one { $0.octets() },
      wraps: Self.repeated(TeamKey.memberCountMax) {
        TeamKey.Wrap(account: $0.id(), hash: .zero)
      })
    let statement = Statement(
      subject: .newChain, index: 0, previous: nil, account: nil, device: Self.one { $0.id() },
      timeMilliseconds: 0, body: .teamKey(body))
    let signed = SignedStatement(statement, key: Generator.keys[0])
    #expect(try SignedStatement(decoding: signed.encoded) == signed)
  }
}
