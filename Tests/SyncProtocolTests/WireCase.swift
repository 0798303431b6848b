import CBOR
import Merge
import SyncProtocol
import Testing

/// One type that crosses the wire, and how the generator makes a value of it.
struct WireCase: Sendable, CustomTestStringConvertible {
  let name: String
  /// The encoding of a generated value.
  let sample: @Sendable (inout Generator) -> [UInt8]
  /// Whether a generated value comes back equal.
  let comesBack: @Sendable (inout Generator) throws -> Bool
  /// The encoding of what the bytes decode to.
  let recode: @Sendable ([UInt8]) throws(WireError) -> [UInt8]

  init<Value: WireCodable & Equatable>(
    _ generate: @escaping @Sendable (inout Generator) -> Value
  ) {
    name = String(
      String(reflecting: Value.self).split(separator: ".").dropFirst().joined(separator: "."))
    sample = { generate(&$0).encoded }
    comesBack = { generator in
      let value = generate(&generator)
      return try Value(decoding: value.encoded) == value
    }
    recode = { bytes throws(WireError) in try Value(decoding: bytes).encoded }
  }

  /// A message with a secret, which has its bytes in secret memory.
  init<Value: SecretToken>(token generate: @escaping @Sendable (inout Generator) -> Value) {
    name = "\(Value.self)"
    sample = { generate(&$0).encoded }
    comesBack = { generator in
      let value = generate(&generator)
      return try Value(decoding: value.encoded) == value
    }
    recode = { bytes throws(WireError) in try Value(decoding: bytes).encoded }
  }

  var testDescription: String { name }
}

extension WireCase {
  static let all = statements + logs + messages + evidence

  private static let evidence: [WireCase] = [
    WireCase { $0.evidence() }, WireCase { $0.shownHistory() }, WireCase { $0.shownPage() },
    WireCase { $0.signedView() }, WireCase { $0.contradictingView() },
    WireCase { EvidenceFile(items: $0.many(3) { $0.evidence() }) },
  ]

  private static let statements: [WireCase] = [
    WireCase { $0.chainPoint() }, WireCase { $0.chainReference() }, WireCase { $0.chainHead() },
    WireCase { $0.certificate() }, WireCase { $0.serverCertificate() },
    WireCase { $0.accountCreation() }, WireCase { $0.deviceAddition() },
    WireCase { $0.deviceRevocation() }, WireCase { $0.kitWaiting() },
    WireCase { ChainMerge(abandoned: $0.chainHead()) }, WireCase { $0.kitCode() },
    WireCase { $0.teamRemoval() },
    WireCase { $0.organisationCreation() }, WireCase { $0.organisationMember() },
    WireCase { $0.organisationTeam() }, WireCase { $0.organisationType() },
    WireCase { $0.teamCreation() }, WireCase { $0.teamProposal() }, WireCase { $0.teamKey() },
    WireCase { $0.teamAdmission() }, WireCase { $0.spaceMember() },
    WireCase { $0.spaceOpening() }, WireCase { $0.epoch() }, WireCase { $0.statementBody() },
    WireCase { $0.statementSubject() }, WireCase { $0.statement() },
    WireCase { $0.signedStatement() },
  ]

  private static let logs: [WireCase] = [
    WireCase { $0.encodedCommit() }, WireCase { $0.commitStub() }, WireCase { $0.journalPoint() },
    WireCase { $0.seenHeads() }, WireCase { $0.journalSignature() },
    WireCase { $0.journalSegment() }, WireCase { $0.refusal() }, WireCase { $0.logEntry() },
    WireCase { $0.authority() }, WireCase { $0.logHead() }, WireCase { $0.logPage() },
  ]

  private static let messages: [WireCase] = [
    WireCase(token: { $0.invitation() }), WireCase(token: { $0.enrolment() }),
    WireCase { $0.invitationAcceptance() }, WireCase { $0.invitationState() },
    WireCase { $0.enrolmentAnswer() }, WireCase { $0.handedHeads() },
    WireCase { AccountFingerprint(account: $0.id(), key: $0.octets()) },
    WireCase { $0.enrolmentRequest() }, WireCase { $0.enrolmentApproval() },
    WireCase { $0.chainPart() }, WireCase { $0.chainPartRequest() },
    WireCase { $0.movedSpace() }, WireCase { $0.pushItem() }, WireCase { $0.pushVerdict() },
    WireCase { $0.wrapOwner() }, WireCase { $0.sessionRequest() },
    WireCase { InvitationList(invitations: $0.many(3) { $0.invitationState() }) },
    WireCase {
      InvitationRequest(
        lookup: $0.octets(), role: .client, organisation: $0.maybe { $0.id() },
        expiresMilliseconds: $0.milliseconds())
    },
    WireCase { EnrolmentList(requests: $0.many(3) { $0.enrolmentRequest() }) },
    WireCase { EnrolmentQuery(account: $0.id(), lookup: $0.octets()) },
    WireCase {
      EnrolmentResult(
        answer: $0.maybe { $0.enrolmentAnswer() },
        approval: $0.maybe { $0.enrolmentApproval() }, chain: $0.maybe { $0.chainPart() })
    },
    WireCase {
      AccountRequest(
        creation: $0.signedStatement(), accountKeyWrap: $0.bytes(100), invitation: $0.octets(),
        role: .practitioner, acceptance: $0.octets())
    },
    WireCase {
      ChainAppendRequest(
        chain: $0.maybe { $0.chainReference() }, statement: $0.signedStatement(),
        wraps: $0.many(3) { $0.bytes(100) })
    },
    WireCase { ChainRequest(parts: $0.many(3) { $0.chainPartRequest() }) },
    WireCase { ChainResponse(parts: $0.many(2) { $0.chainPart() }) },
    WireCase { WrapsRequest(space: $0.id(), wraps: $0.many(3) { $0.bytes(100) }) },
    WireCase { WrapsFetchRequest(owner: $0.wrapOwner(), hashes: $0.many(3) { $0.octets() }) },
    WireCase { WrapsFetchResponse(wraps: $0.many(3) { $0.maybe { $0.bytes(100) } }) },
    WireCase { BlobsMissingRequest(space: $0.id(), hashes: $0.many(3) { $0.octets() }) },
    WireCase { BlobsMissingResponse(hashes: $0.many(3) { $0.octets() }) },
    WireCase {
      BlobsPutRequest(
        space: $0.id(),
        blobs: $0.many(3) { BlobsPutRequest.Blob(hash: $0.octets(), bytes: $0.bytes(100)) })
    },
    WireCase { BlobsPutRequest.Blob(hash: $0.octets(), bytes: $0.bytes(100)) },
    WireCase { BlobsFetchRequest(space: $0.id(), hashes: $0.many(3) { $0.octets() }) },
    WireCase { BlobsFetchResponse(blobs: $0.many(3) { $0.maybe { $0.bytes(100) } }) },
    WireCase {
      FeedRequest(
        after: $0.number(below: 63),
        interest: $0.maybe {
          FeedRequest.Interest(
            organisation: $0.maybe { $0.id() }, news: $0.number(below: 63),
            holdMilliseconds: $0.number(below: 17))
        })
    },
    WireCase {
      FeedResponse(
        position: $0.number(below: 63), moved: $0.many(3) { $0.movedSpace() },
        timeMilliseconds: $0.milliseconds(), news: $0.maybe { $0.number(below: 63) })
    },
    WireCase {
      PullRequest(
        space: $0.id(), incarnation: $0.incarnation(), after: $0.position(),
        byteCountMax: $0.number(below: 22), home: $0.maybe { $0.number(below: 64) })
    },
    WireCase { PushRequest(space: $0.id(), items: $0.many(2) { $0.pushItem() }) },
    WireCase { PushResponse(verdicts: $0.many(3) { $0.pushVerdict() }, last: $0.position()) },
    WireCase { JournalRequest(space: $0.id(), replica: $0.id(), sequence: $0.sequence()) },
    WireCase { JournalResponse(point: $0.journalPoint()) },
    WireCase {
      DigestRequest(
        space: $0.id(), incarnation: $0.incarnation(), position: $0.position(),
        schema: $0.octets())
    },
    WireCase { DigestResponse(digest: $0.maybe { $0.octets() }) },
    WireCase {
      PurgeReport(
        space: $0.id(), device: $0.id(), timeMilliseconds: $0.milliseconds(),
        signature: $0.octets())
    },
    WireCase {
      PurgeReport(
        space: $0.id(), device: $0.id(), timeMilliseconds: $0.milliseconds(),
        signature: $0.octets(), shares: [$0.id()] + $0.many(3) { $0.id() }, position: $0.position())
    },
    WireCase { generator in
      ReceiptsRequest(
        parts: generator.many(3) {
          ReceiptsRequest.Part(space: $0.id(), after: $0.number(below: 63))
        })
    },
    WireCase { ReceiptsResponse(parts: $0.many(2) { $0.receipts() }) },
    WireCase { $0.receipts() },
    WireCase { $0.access() },
    WireCase { $0.purge() },
    WireCase { $0.contact() },
    WireCase { ChallengeRequest(account: $0.id(), device: $0.id()) },
    WireCase { Challenge(nonce: $0.random.bytes(32), timeMilliseconds: $0.milliseconds()) },
    WireCase {
      SessionGrant(
        token: $0.text(128), expiresMilliseconds: $0.milliseconds(),
        timeMilliseconds: $0.milliseconds())
    },
    WireCase {
      ServerInfo(
        versions: $0.many(3) { $0.number(below: 64) }, certificate: $0.serverCertificate(),
        timeMilliseconds: $0.milliseconds(), incarnation: $0.number(below: 63))
    },
    WireCase { generator in
      HeadsRequest(
        standings: generator.many(2) {
          HeadsRequest.Standing(
            head: $0.logHead(),
            past: $0.many(2) {
              LogPlace(incarnation: $0.number(below: 63), position: $0.position())
            })
        })
    },
    WireCase { HeadsResponse(bases: $0.many(2) { $0.logHead() }) },
    WireCase { RecoverRequest(incarnation: $0.number(below: 63), page: $0.logPage()) },
    WireCase { RecoverResponse(isTaken: true, newCount: $0.number(below: 63)) },
    WireCase { ChainRestoreRequest(part: $0.chainPart(), role: .client) },
  ]
}

extension SecretToken {
  /// In an array: no test has a secret to keep.
  var encoded: [UInt8] { withEncoded { Array($0) } }
}
