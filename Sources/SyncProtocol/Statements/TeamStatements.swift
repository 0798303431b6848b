import CBOR
import Merge
import Signing

/// The first statement of a team, by an administrator of its organisation.
public struct TeamCreation: Hashable, WireCodable {
  public let organisation: OrganisationID
  public let name: String

  public init(organisation: OrganisationID, name: String) {
    self.organisation = organisation
    self.name = name
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 2)
    writer.id(organisation)
    writer.text(name)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(2, "team creation")
    organisation = try reader.id()
    name = try reader.text(max: OrganisationCreation.nameByteCountMax)
  }
}

/// An administrator's wish that an account should join; it opens nothing by itself.
public struct TeamProposal: Hashable, WireCodable {
  public let account: AccountID
  public let accountHead: ChainPoint

  public init(account: AccountID, accountHead: ChainPoint) {
    self.account = account
    self.accountHead = accountHead
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 2)
    writer.id(account)
    writer.object(accountHead)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(2, "team proposal")
    account = try reader.id()
    accountHead = try reader.object()
  }
}

/// A generation of the team's key, made by a member. The first one makes its author the first member.
public struct TeamKey: Hashable, WireCodable {
  public static let memberCountMax = 1024

  /// From 0.
  public let generation: UInt64
  public let key: ExchangePublicKey
  /// One wrap for exactly each member, sorted by account.
  public let wraps: [Wrap]

  public struct Wrap: Hashable, Sendable {
    public let account: AccountID
    public let hash: Digest

    public init(account: AccountID, hash: Digest) {
      self.account = account
      self.hash = hash
    }
  }

  public init(generation: UInt64, key: ExchangePublicKey, wraps: [Wrap]) {
    self.generation = generation
    self.key = key
    self.wraps = wraps.sorted { $0.account < $1.account }
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 3)
    writer.unsigned(generation)
    writer.octets(key)
    writer.list(wraps) { writer, wrap in
      writer.array(count: 2)
      writer.id(wrap.account)
      writer.octets(wrap.hash)
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(3, "team key")
    generation = try reader.unsigned(max: 1 << 32, "team key generation")
    key = try reader.exchangeKey()
    wraps = try reader.list(max: Self.memberCountMax) { (r) throws(WireError) in
      try r.fields(2, "team key wrap")
      return Wrap(account: try r.id(), hash: try r.digest())
    }
  }
}

/// A present member lets a proposed account in, with the present key wrapped for it.
public struct TeamAdmission: Hashable, WireCodable {
  public let account: AccountID
  public let accountHead: ChainPoint
  public let wrap: Digest

  public init(account: AccountID, accountHead: ChainPoint, wrap: Digest) {
    self.account = account
    self.accountHead = accountHead
    self.wrap = wrap
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 3)
    writer.id(account)
    writer.object(accountHead)
    writer.octets(wrap)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(3, "team admission")
    account = try reader.id()
    accountHead = try reader.object()
    wrap = try reader.digest()
  }
}
