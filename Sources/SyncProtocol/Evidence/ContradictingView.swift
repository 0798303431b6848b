import CBOR
import Merge
import Signing

/// Two people were shown different histories of one space: one signed what they had seen at a place,
/// the other holds the server's signature over a log with something else there.
public struct ContradictingView: Hashable, WireCodable {
  public static let hashCountMax = 65_536

  /// The server's word for the reader's history.
  public let head: SignedLogHead
  /// What the reader's rolling hash was at the place that the view names.
  public let hash: Digest
  /// The entries' hashes from there to `head`; empty where there are too many.
  public let entryHashes: [Digest]
  public let view: SignedView

  public init(head: SignedLogHead, hash: Digest, entryHashes: [Digest], view: SignedView) {
    self.head = head
    self.hash = hash
    self.entryHashes = entryHashes
    self.view = view
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 4)
    writer.object(head)
    writer.octets(hash)
    writer.list(entryHashes) { $0.octets($1) }
    writer.object(view)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(4, "contradicting view")
    head = try reader.object()
    hash = try reader.digest()
    entryHashes = try reader.list(max: Self.hashCountMax) { (r) throws(WireError) in
      try r.digest()
    }
    view = try reader.object()
  }
}
