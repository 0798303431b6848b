import CBOR
import Merge
import Signing

/// Creates an account with an invitation.
public struct AccountRequest: Hashable, WireCodable {
  public let creation: SignedStatement
  /// The wrap that the statement names.
  public let accountKeyWrap: [UInt8]
  /// The hash under which the server knows the invitation.
  public let invitation: Digest
  /// The role that the invitation is for.
  public let role: Role
  /// A MAC under the invitation's secret over the account's id and chain head; only the inviter's
  /// device can check it.
  public let acceptance: Digest

  public init(
    creation: SignedStatement, accountKeyWrap: [UInt8], invitation: Digest, role: Role,
    acceptance: Digest
  ) {
    self.creation = creation
    self.accountKeyWrap = accountKeyWrap
    self.invitation = invitation
    self.role = role
    self.acceptance = acceptance
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 5)
    writer.object(creation)
    writer.bytes(accountKeyWrap)
    writer.octets(invitation)
    writer.word(role)
    writer.octets(acceptance)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(5, "account request")
    creation = try reader.object()
    accountKeyWrap = try reader.bytes(max: 1024)
    invitation = try reader.digest()
    role = try reader.word()
    acceptance = try reader.digest()
  }
}

/// Pushes the next statement of a chain, or the first one of an organisation or team.
public struct ChainAppendRequest: Hashable, WireCodable {
  /// `nil` for a first statement.
  public let chain: ChainReference?
  public let statement: SignedStatement
  /// The wraps that the statement names.
  public let wraps: [[UInt8]]

  public init(chain: ChainReference?, statement: SignedStatement, wraps: [[UInt8]]) {
    self.chain = chain
    self.statement = statement
    self.wraps = wraps
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 3)
    writer.optional(chain) { $0.object($1) }
    writer.object(statement)
    writer.list(wraps) { $0.bytes($1) }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(3, "chain append request")
    chain = try reader.optional { (r) throws(WireError) in try r.object() }
    statement = try reader.object()
    wraps = try reader.list(max: 1024) { (r) throws(WireError) in
      try r.bytes(max: 1024)
    }
  }
}

/// Asks for chains.
public struct ChainRequest: Hashable, WireCodable {
  public let parts: [ChainPartRequest]

  public init(parts: [ChainPartRequest]) {
    self.parts = parts
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 1)
    writer.list(parts) { $0.object($1) }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(1, "chain request")
    parts = try reader.list(max: 256) { (r) throws(WireError) in
      try r.object()
    }
  }
}

/// Asks for the statements of one chain from an index on.
public struct ChainPartRequest: Hashable, WireCodable {
  public let chain: ChainReference
  public let from: UInt64

  public init(chain: ChainReference, from: UInt64) {
    self.chain = chain
    self.from = from
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 2)
    writer.object(chain)
    writer.unsigned(from)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(2, "chain part request")
    chain = try reader.object()
    from = try reader.unsigned(max: 1 << 32, "chain index")
  }
}

/// Chains, in the order asked for; unknown or forbidden ones are left out.
public struct ChainResponse: Hashable, WireCodable {
  public let parts: [ChainPart]

  public init(parts: [ChainPart]) {
    self.parts = parts
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 1)
    writer.list(parts) { $0.object($1) }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(1, "chain response")
    parts = try reader.list(max: 256) { (r) throws(WireError) in
      try r.object()
    }
  }
}

/// Statements of one chain under the server-signed head.
public struct ChainPart: Hashable, WireCodable {
  public let head: SignedChainHead
  public let statements: [SignedStatement]

  public init(head: SignedChainHead, statements: [SignedStatement]) {
    self.head = head
    self.statements = statements
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 2)
    writer.object(head)
    writer.list(statements) { $0.object($1) }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(2, "chain part")
    head = try reader.object()
    statements = try reader.list(max: 65536) { (r) throws(WireError) in
      try r.object()
    }
  }
}
