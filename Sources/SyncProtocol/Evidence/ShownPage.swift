import CBOR
import Merge
import Signing

/// A page with all that it was checked against.
public struct ShownPage: Hashable, WireCodable {
  /// The reader's own head, and the server's signature over it where there is one.
  public let position: Position
  public let hash: Digest
  public let signed: SignedLogHead?
  /// Where the reader knew each journal in the page.
  public let journals: [Journal]
  /// The identity keys of their devices; a device's id is its key's hash.
  public let keys: [SigningPublicKey]
  public let page: LogPage

  public struct Journal: Hashable, Sendable {
    public let replica: ReplicaID
    public let point: JournalPoint

    public init(replica: ReplicaID, point: JournalPoint) {
      self.replica = replica
      self.point = point
    }
  }

  public init(
    position: Position, hash: Digest, signed: SignedLogHead?, journals: [Journal],
    keys: [SigningPublicKey], page: LogPage
  ) {
    self.position = position
    self.hash = hash
    self.signed = signed
    self.journals = journals
    self.keys = keys
    self.page = page
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 6)
    writer.position(position)
    writer.octets(hash)
    writer.optional(signed) { $0.object($1) }
    writer.list(journals) { writer, journal in
      writer.array(count: 2)
      writer.id(journal.replica)
      writer.object(journal.point)
    }
    writer.list(keys) { $0.octets($1) }
    writer.object(page)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(6, "shown page")
    position = try reader.position()
    hash = try reader.digest()
    signed = try reader.optional { (r) throws(WireError) in try r.object() }
    journals = try reader.list(max: LogPage.entryCountMax) { (r) throws(WireError) in
      try r.fields(2, "journal")
      return Journal(replica: try r.id(), point: try r.object())
    }
    keys = try reader.list(max: LogPage.entryCountMax) { (r) throws(WireError) in
      try r.signingKey()
    }
    page = try reader.object()
  }
}
