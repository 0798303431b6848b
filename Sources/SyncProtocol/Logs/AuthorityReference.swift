import CBOR
import Merge
import Signing

/// Names, by hash, a fact from another history that this log's acceptance rests on.
///
/// The server puts additions in before their first use, and removals before any later entry. Readers
/// hold the other history themselves, verified, and look the hash up there (decision 0005).
public enum AuthorityReference: Hashable, WireCodable {
  /// A statement of an account's, organisation's or team's chain.
  case chain(ChainReference, ChainPoint)
  /// An accepted commit of the assignment that an engagement rests on: its place and its entry hash.
  case consent(SpaceID, Position, Digest)

  public func encode(to writer: inout CBORWriter) {
    switch self {
    case .chain(let chain, let point):
      writer.array(count: 2)
      writer.object(chain)
      writer.object(point)
    case .consent(let space, let position, let hash):
      writer.array(count: 3)
      writer.id(space)
      writer.position(position)
      writer.octets(hash)
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    switch try reader.array(max: 3) {
    case 2: self = .chain(try reader.object(), try reader.object())
    case 3: self = .consent(try reader.id(), try reader.position(), try reader.digest())
    default: throw .unexpected("authority")
    }
  }
}
