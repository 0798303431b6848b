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

/// A present member or an administrator takes a member out of the team. The next member to see it
/// makes the team's next key.
public struct TeamRemoval: Hashable, WireCodable {
  public let account: AccountID

  public init(account: AccountID) { self.account = account }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 1)
    writer.id(account)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(1, "team removal")
    account = try reader.id()
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
  /// The hash of the team's key before, sealed to this one; `nil` where the author never held it: for
  /// the first key, and for a team that begins anew.
  public let predecessor: Digest?

  public struct Wrap: Hashable, Sendable {
    public let account: AccountID
    /// Of the account key that it is wrapped for, from 0.
    public let keyGeneration: UInt64
    public let hash: Digest

    public init(account: AccountID, keyGeneration: UInt64 = 0, hash: Digest) {
      self.account = account
      self.keyGeneration = keyGeneration
      self.hash = hash
    }
  }

  public init(
    generation: UInt64, key: ExchangePublicKey, wraps: [Wrap], predecessor: Digest? = nil
  ) {
    self.generation = generation
    self.key = key
    self.predecessor = predecessor
    self.wraps = wraps.sorted { $0.account < $1.account }
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: predecessor == nil ? 3 : 4)
    writer.unsigned(generation)
    writer.octets(key)
    writer.list(wraps) { writer, wrap in
      writer.array(count: wrap.keyGeneration == 0 ? 2 : 3)
      writer.id(wrap.account)
      writer.octets(wrap.hash)
      writer.laterGeneration(wrap.keyGeneration)
    }
    if let predecessor { writer.octets(predecessor) }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    let count = try reader.fields(3...4, "team key")
    generation = try reader.unsigned(max: 1 << 32, "team key generation")
    key = try reader.exchangeKey()
    wraps = try reader.list(max: Self.memberCountMax) { (r) throws(WireError) in
      let count = try r.fields(2...3, "team key wrap")
      let (account, hash): (AccountID, Digest) = (try r.id(), try r.digest())
      return Wrap(
        account: account, keyGeneration: try r.laterGeneration(count == 3), hash: hash)
    }
    predecessor = count == 4 ? try reader.digest() : nil
  }
}

/// A present member lets a proposed account in, with the present key wrapped for it.
public struct TeamAdmission: Hashable, WireCodable {
  public let account: AccountID
  public let accountHead: ChainPoint
  public let wrap: Digest
  /// Of the account key that it is wrapped for, from 0.
  public let keyGeneration: UInt64

  public init(
    account: AccountID, accountHead: ChainPoint, wrap: Digest, keyGeneration: UInt64 = 0
  ) {
    self.account = account
    self.accountHead = accountHead
    self.wrap = wrap
    self.keyGeneration = keyGeneration
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: keyGeneration == 0 ? 3 : 4)
    writer.id(account)
    writer.object(accountHead)
    writer.octets(wrap)
    writer.laterGeneration(keyGeneration)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    let count = try reader.fields(3...4, "team admission")
    account = try reader.id()
    accountHead = try reader.object()
    wrap = try reader.digest()
    keyGeneration = try reader.laterGeneration(count == 4)
  }
}
