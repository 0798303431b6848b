import CBOR
import Merge
import Signing

/// Asks what a space's log came to at the server, to compare it with what it came to here.
public struct DigestRequest: Hashable, WireCodable {
  public let space: SpaceID
  public let incarnation: UInt64
  /// Answered only by a server that stands exactly here.
  public let position: Position
  /// The record types that the asker knows: others come to other rows.
  public let schema: Digest

  public init(space: SpaceID, incarnation: UInt64, position: Position, schema: Digest) {
    self.space = space
    self.incarnation = incarnation
    self.position = position
    self.schema = schema
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 4)
    writer.id(space)
    writer.unsigned(incarnation)
    writer.position(position)
    writer.octets(schema)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(4, "digest request")
    space = try reader.id()
    incarnation = try reader.number("incarnation")
    position = try reader.position()
    schema = try reader.digest()
  }
}

/// The digest of a space's state, under the tag `state-digest`.
public struct DigestResponse: Hashable, WireCodable {
  /// `nil` where the server stands elsewhere by now, or knows other record types.
  public let digest: Digest?

  public init(digest: Digest?) {
    self.digest = digest
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 1)
    writer.optional(digest) { $0.octets($1) }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(1, "digest response")
    digest = try reader.optional { (r) throws(WireError) in try r.digest() }
  }
}
