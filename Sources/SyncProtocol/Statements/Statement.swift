import CBOR
import Merge
import Signing

/// A signed fact of a chain or a space: who joined, which device, which key, what began or ended.
public struct Statement: Hashable, WireCodable {
  /// Encoded bytes of one statement.
  public static let byteCountMax = 128 * 1024

  /// What the statement is about; `nil` for the first statement of a chain, whose hash is the id.
  public let subject: StatementSubject
  /// The place in its chain, from 0. In a space: 0 for the opening, the generation of an epoch.
  public let index: UInt64
  /// The statement before it in the chain, or the epoch before it: compare-and-set.
  public let previous: Digest?
  /// `nil` only for the creation of an account.
  public let account: AccountID?
  public let device: DeviceID
  /// The author's clock, milliseconds since 1970. For people; nothing is decided by it.
  public let timeMilliseconds: UInt64
  public let body: StatementBody

  public init(
    subject: StatementSubject, index: UInt64, previous: Digest?, account: AccountID?,
    device: DeviceID, timeMilliseconds: UInt64, body: StatementBody
  ) {
    self.subject = subject
    self.index = index
    self.previous = previous
    self.account = account
    self.device = device
    self.timeMilliseconds = timeMilliseconds
    self.body = body
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 8)
    writer.unsigned(Domain.suite)
    writer.object(subject)
    writer.unsigned(index)
    writer.optional(previous) { $0.octets($1) }
    writer.optional(account) { $0.id($1) }
    writer.id(device)
    writer.unsigned(timeMilliseconds)
    writer.object(body)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(8, "statement")
    guard try reader.unsigned() == Domain.suite else { throw .unknownSuite }
    subject = try reader.object()
    index = try reader.unsigned(max: 1 << 32, "statement index")
    previous = try reader.optional { (r) throws(WireError) in try r.digest() }
    account = try reader.optional { (r) throws(WireError) in try r.id() }
    device = try reader.id()
    timeMilliseconds = try reader.milliseconds()
    body = try reader.object()
  }
}

/// The chain or space that a statement belongs to.
public enum StatementSubject: Hashable, WireCodable {
  /// The first statement of a chain; its hash becomes the id.
  case newChain
  case chain(ChainReference)
  case space(SpaceID)

  public func encode(to writer: inout CBORWriter) {
    switch self {
    case .newChain: writer.null()
    case .chain(let chain): writer.object(chain)
    case .space(let space): writer.id(space)
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    if try reader.takesNull() {
      self = .newChain
    } else if try reader.kind() == .bytes {
      self = .space(try reader.id())
    } else {
      self = .chain(try reader.object())
    }
  }
}

/// A statement with its author's signature: bytes that are kept and sent exactly as they were signed.
public struct SignedStatement: Hashable, WireCodable {
  public let statement: Statement
  /// The statement exactly as signed.
  public let payload: [UInt8]
  public let signature: Signature
  /// BLAKE2b-256 of the payload under the statement domain: the statement's name everywhere.
  public let hash: Digest

  /// Signs a statement.
  public init(_ statement: Statement, key: SigningKey) {
    self.statement = statement
    payload = statement.encoded
    signature = key.sign(payload, .statement)
    hash = Domain.statement.hash(payload)
  }

  public func isSigned(by key: SigningPublicKey) -> Bool {
    key.verify(signature, of: payload, .statement)
  }

  public var point: ChainPoint { ChainPoint(index: statement.index, hash: hash) }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 2)
    writer.bytes(payload)
    writer.octets(signature)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(2, "signed statement")
    payload = try reader.bytes(max: Statement.byteCountMax)
    signature = try reader.signature()
    statement = try Statement(decoding: payload)
    hash = Domain.statement.hash(payload)
  }
}
