import CBOR
import Merge
import Signing

/// How far a journal is known: the last sequence and the hash chained up to it.
public struct JournalPoint: Hashable, WireCodable {
  /// Before the first commit.
  public static let start = JournalPoint(sequence: 0, hash: .zero)

  public let sequence: UInt64
  public let hash: Digest

  public init(sequence: UInt64, hash: Digest) {
    self.sequence = sequence
    self.hash = hash
  }

  /// The point after one more commit.
  public func next(_ space: SpaceID, _ replica: ReplicaID, content: Digest) -> JournalPoint {
    var writer = CBORWriter()
    writer.array(count: 3)
    writer.id(space)
    writer.id(replica)
    writer.unsigned(sequence + 1)
    return JournalPoint(
      sequence: sequence + 1,
      hash: Domain.journal.hash(writer.bytes, hash.bytes, content.bytes))
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 2)
    writer.unsigned(sequence)
    writer.octets(hash)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(2, "journal point")
    sequence = try reader.sequence()
    hash = try reader.digest()
  }
}

/// What an author had seen when signing: carried by every signature, so that honest views that
/// meet expose a server that shows different histories to different people.
public struct SeenHeads: Hashable, WireCodable {
  /// The author's account chain.
  public let account: ChainPoint
  public let incarnation: UInt64
  public let position: Position
  public let head: Digest
  /// The record types that the journal was written under.
  public let schema: Digest

  public init(
    account: ChainPoint, incarnation: UInt64, position: Position, head: Digest, schema: Digest
  ) {
    self.account = account
    self.incarnation = incarnation
    self.position = position
    self.head = head
    self.schema = schema
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 5)
    writer.object(account)
    writer.unsigned(incarnation)
    writer.position(position)
    writer.octets(head)
    writer.octets(schema)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(5, "seen heads")
    account = try reader.object()
    incarnation = try reader.number("incarnation")
    position = try reader.position()
    head = try reader.digest()
    schema = try reader.digest()
  }
}

/// One signature over a journal's point: it vouches for every commit up to it.
public struct JournalSignature: Hashable, WireCodable {
  /// The last sequence that the signature covers.
  public let sequence: UInt64
  public let seen: SeenHeads
  public let signature: Signature

  public init(
    space: SpaceID, replica: ReplicaID, point: JournalPoint, seen: SeenHeads, key: SigningKey
  ) {
    sequence = point.sequence
    self.seen = seen
    signature = key.sign(Self.message(space, replica, point, seen), .journalSignature)
  }

  public func covers(
    _ point: JournalPoint, space: SpaceID, replica: ReplicaID, key: SigningPublicKey
  ) -> Bool {
    point.sequence == sequence
      && key.verify(
        signature, of: Self.message(space, replica, point, seen), .journalSignature)
  }

  private static func message(
    _ space: SpaceID, _ replica: ReplicaID, _ point: JournalPoint, _ seen: SeenHeads
  ) -> [UInt8] {
    var writer = CBORWriter()
    writer.array(count: 4)
    writer.id(space)
    writer.id(replica)
    writer.object(point)
    writer.object(seen)
    return writer.bytes
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 3)
    writer.unsigned(sequence)
    writer.object(seen)
    writer.octets(signature)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(3, "journal signature")
    sequence = try reader.sequence()
    seen = try reader.object()
    signature = try reader.signature()
  }
}

/// A run of one replica's commits with one signature over the last: what a push sends.
public struct JournalSegment: Hashable, WireCodable {
  public static let commitCountMax = 4096

  public let replica: ReplicaID
  /// The point that the first commit follows.
  public let after: JournalPoint
  public let commits: [EncodedCommit]
  public let signature: JournalSignature

  public init(
    replica: ReplicaID, after: JournalPoint, commits: [EncodedCommit], signature: JournalSignature
  ) {
    self.replica = replica
    self.after = after
    self.commits = commits
    self.signature = signature
  }

  /// The point of each commit, in order.
  public func points(in space: SpaceID) -> [JournalPoint] {
    var point = after
    return commits.map { commit in
      point = point.next(space, replica, content: commit.contentHash)
      return point
    }
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 4)
    writer.id(replica)
    writer.object(after)
    writer.list(commits) { $0.object($1) }
    writer.object(signature)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(4, "journal segment")
    replica = try reader.id()
    after = try reader.object()
    commits = try reader.list(max: Self.commitCountMax) { (r) throws(WireError) in
      try r.wholeCommit()
    }
    guard !commits.isEmpty else { throw .unexpected("journal segment") }
    signature = try reader.object()
  }
}
