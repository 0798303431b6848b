import CBOR
import Merge
import Signing

/// A log head in the server's word, with its time.
public struct SignedLogHead: Hashable, WireCodable {
  public let head: LogHead
  /// Milliseconds since 1970.
  public let timeMilliseconds: UInt64
  public let signature: Signature

  public init(head: LogHead, timeMilliseconds: UInt64, key: SigningKey) {
    self.head = head
    self.timeMilliseconds = timeMilliseconds
    signature = key.sign(Self.message(head, timeMilliseconds), .logHead)
  }

  public func isSigned(by key: SigningPublicKey) -> Bool {
    key.verify(signature, of: Self.message(head, timeMilliseconds), .logHead)
  }

  private static func message(_ head: LogHead, _ timeMilliseconds: UInt64) -> [UInt8] {
    var writer = CBORWriter()
    writer.array(count: 5)
    writer.id(head.space)
    writer.unsigned(head.incarnation)
    writer.position(head.position)
    writer.octets(head.hash)
    writer.unsigned(timeMilliseconds)
    return writer.bytes
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 6)
    writer.id(head.space)
    writer.unsigned(head.incarnation)
    writer.position(head.position)
    writer.octets(head.hash)
    writer.unsigned(timeMilliseconds)
    writer.octets(signature)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(6, "log head")
    head = LogHead(
      space: try reader.id(), incarnation: try reader.number("incarnation"),
      position: try reader.position(), hash: try reader.digest())
    timeMilliseconds = try reader.milliseconds()
    signature = try reader.signature()
  }
}
