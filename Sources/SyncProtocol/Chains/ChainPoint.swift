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
