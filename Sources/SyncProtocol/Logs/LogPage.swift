import CBOR
import Merge
import Signing

/// A run of a log's entries, with all that is needed to check them.
public struct LogPage: Hashable, WireCodable {
  public static let entryCountMax = 16_384

  /// For one journal in the page: the hashes that lead from its last commit here to a signature.
  public struct JournalTail: Hashable, Sendable {
    public let replica: ReplicaID
    /// Content hashes of the commits after the last one in the page, up to the signed one.
    public let contentHashes: [Digest]
    public let signature: JournalSignature

    public init(replica: ReplicaID, contentHashes: [Digest], signature: JournalSignature) {
      self.replica = replica
      self.contentHashes = contentHashes
      self.signature = signature
    }
  }

  /// The position before the first entry.
  public let after: Position
  public let entries: [LogEntry]
  /// One for each journal that has a commit in the page, sorted by replica.
  public let tails: [JournalTail]
  /// At the last entry of the page, or at `after` where there is none.
  public let head: SignedLogHead
  /// How far the log reaches; more than the head where further pages follow.
  public let last: Position

  public init(
    after: Position, entries: [LogEntry], tails: [JournalTail], head: SignedLogHead,
    last: Position
  ) {
    self.after = after
    self.entries = entries
    self.tails = tails
    self.head = head
    self.last = last
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 5)
    writer.position(after)
    writer.list(entries) { $0.object($1) }
    writer.list(tails) { writer, tail in
      writer.array(count: 3)
      writer.id(tail.replica)
      writer.list(tail.contentHashes) { $0.octets($1) }
      writer.object(tail.signature)
    }
    writer.object(head)
    writer.position(last)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(5, "log page")
    after = try reader.position()
    entries = try reader.list(max: Self.entryCountMax) { (r) throws(WireError) in
      try r.object()
    }
    tails = try reader.list(max: Self.entryCountMax) { (r) throws(WireError) in
      try r.fields(3, "journal tail")
      return JournalTail(
        replica: try r.id(),
        contentHashes: try r.list(max: JournalSegment.commitCountMax) { (r) throws(WireError) in
          try r.digest()
        },
        signature: try r.object())
    }
    head = try reader.object()
    last = try reader.position()
  }
}
