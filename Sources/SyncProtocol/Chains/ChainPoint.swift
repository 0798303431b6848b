import CBOR
import Merge
import Signing

/// A statement's place in a chain: its index from 0, and its hash.
public struct ChainPoint: Hashable, WireCodable {
  public let index: UInt64
  public let hash: Digest

  public init(index: UInt64, hash: Digest) {
    self.index = index
    self.hash = hash
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 2)
    writer.unsigned(index)
    writer.octets(hash)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(2, "chain point")
    index = try reader.unsigned(max: 1 << 32, "chain index")
    hash = try reader.digest()
  }
}
