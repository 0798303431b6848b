import CBOR
import Merge
import Signing

/// Which signed history is meant.
public enum ChainReference: Hashable, Comparable, WireCodable {
  case account(AccountID)
  case organisation(OrganisationID)
  case team(TeamID)

  private var code: UInt64 {
    switch self {
    case .account: 0
    case .organisation: 1
    case .team: 2
    }
  }

  /// The id, which is the hash of the chain's first statement.
  public var id: Digest {
    let bytes =
      switch self {
      case .account(let id): id.bytes
      case .organisation(let id): id.bytes
      case .team(let id): id.bytes
      }
    guard let digest = Digest(bytes) else { preconditionFailure("chain ids are 32 bytes") }
    return digest
  }

  public static func < (left: Self, right: Self) -> Bool {
    (left.code, left.id) < (right.code, right.id)
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 2)
    writer.unsigned(code)
    writer.octets(id)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(2, "chain reference")
    let code = try reader.unsigned()
    let id = try reader.digest()
    switch code {
    case 0: self = .account(AccountID(id))
    case 1: self = .organisation(OrganisationID(id))
    case 2: self = .team(TeamID(id))
    default: throw .unexpected("chain reference")
    }
  }
}
