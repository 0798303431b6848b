import CBOR
import Merge
import Signing

/// A device of an account says that the history with this statement goes on, and that another one, which
/// the server has signed as well, is given up (design §7). What the other one takes away is taken away in
/// this one before it.
public struct ChainMerge: Hashable, WireCodable {
  /// The server's signature over the end of the other history.
  public let abandoned: SignedChainHead

  public init(abandoned: SignedChainHead) { self.abandoned = abandoned }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 1)
    writer.object(abandoned)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(1, "chain merge")
    abandoned = try reader.object()
  }
}
