import CBOR
import Merge
import Signing

/// The server's word for how far a chain reaches; a statement counts only under one.
public struct SignedChainHead: Hashable, WireCodable {
  public let chain: ChainReference
  public let point: ChainPoint
  /// The server's time, milliseconds since 1970.
  public let timeMilliseconds: UInt64
  public let signature: Signature

  public init(
    chain: ChainReference, point: ChainPoint, timeMilliseconds: UInt64, key: SigningKey
  ) {
    self.chain = chain
    self.point = point
    self.timeMilliseconds = timeMilliseconds
    signature = key.sign(Self.message(chain, point, timeMilliseconds), .chainHead)
  }

  public func isSigned(by key: SigningPublicKey) -> Bool {
    key.verify(signature, of: Self.message(chain, point, timeMilliseconds), .chainHead)
  }

  private static func message(
    _ chain: ChainReference, _ point: ChainPoint, _ timeMilliseconds: UInt64
  ) -> [UInt8] {
    var writer = CBORWriter()
    writer.array(count: 3)
    writer.object(chain)
    writer.object(point)
    writer.unsigned(timeMilliseconds)
    return writer.bytes
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 4)
    writer.object(chain)
    writer.object(point)
    writer.unsigned(timeMilliseconds)
    writer.octets(signature)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(4, "chain head")
    chain = try reader.object()
    point = try reader.object()
    timeMilliseconds = try reader.milliseconds()
    signature = try reader.signature()
  }
}
