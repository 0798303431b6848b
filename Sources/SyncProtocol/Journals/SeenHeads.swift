import CBOR
import Merge
import Signing

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
