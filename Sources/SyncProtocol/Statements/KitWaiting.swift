import CBOR
import Merge
import Signing

/// That the account has known of its next recovery kit for long enough to object: two of the server's
/// signatures over its chain, the first of which covers the announcement (design §7).
public struct KitWaiting: Hashable, WireCodable {
  /// Seven days between the two, of the server's time.
  public static let milliseconds: UInt64 = 7 * 24 * 60 * 60 * 1000

  public let announced: SignedChainHead
  public let present: SignedChainHead

  public init(announced: SignedChainHead, present: SignedChainHead) {
    self.announced = announced
    self.present = present
  }

  /// Whether the time between the two is long enough. Their signatures and places are the chain's
  /// business.
  public var isOver: Bool {
    present.timeMilliseconds >= announced.timeMilliseconds
      && present.timeMilliseconds - announced.timeMilliseconds >= Self.milliseconds
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 2)
    writer.object(announced)
    writer.object(present)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(2, "waiting for a kit")
    announced = try reader.object()
    present = try reader.object()
  }
}
