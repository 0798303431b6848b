import CBOR
import Merge
import Signing

/// What a wrap is kept beside: a space's log, or an account's or team's chain.
public enum WrapOwner: Hashable, WireCodable {
  case space(SpaceID)
  case chain(ChainReference)

  public func encode(to writer: inout CBORWriter) {
    switch self {
    case .space(let space): writer.id(space)
    case .chain(let chain): writer.object(chain)
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    self = try reader.kind() == .bytes ? .space(try reader.id()) : .chain(try reader.object())
  }
}
