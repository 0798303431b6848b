import CBOR
import Merge
import Signing

/// The first statement of a space: what it is and who is in it.
public struct SpaceOpening: Hashable, WireCodable {
  public static let memberCountMax = 256

  public struct Member: Hashable, WireCodable {
    public let account: AccountID
    public let role: Role
    /// The account chain that the author saw: whose keys are meant.
    public let accountHead: ChainPoint

    public init(account: AccountID, role: Role, accountHead: ChainPoint) {
      self.account = account
      self.role = role
      self.accountHead = accountHead
    }

    public func encode(to writer: inout CBORWriter) {
      writer.array(count: 3)
      writer.id(account)
      writer.word(role)
      writer.object(accountHead)
    }

    public init(from reader: inout WireReader) throws(WireError) {
      try reader.fields(3, "space member")
      account = try reader.id()
      role = try reader.word()
      accountHead = try reader.object()
    }
  }

  public let kind: SpaceKind
  /// Sorted by account.
  public let members: [Member]
  /// The team whose members are staff here; casework and team spaces.
  public let team: TeamID?
  /// Whose administrators may open such spaces; `nil` for vaults and engagements.
  public let organisation: OrganisationID?
  /// The assignment and the client's approval in it that an engagement rests on.
  public let assignment: SpaceID?
  public let approval: Origin?

  public init(
    kind: SpaceKind, members: [Member], team: TeamID? = nil, organisation: OrganisationID? = nil,
    assignment: SpaceID? = nil, approval: Origin? = nil
  ) {
    self.kind = kind
    self.members = members.sorted { $0.account < $1.account }
    self.team = team
    self.organisation = organisation
    self.assignment = assignment
    self.approval = approval
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 6)
    writer.word(kind)
    writer.list(members) { $0.object($1) }
    writer.optional(team) { $0.id($1) }
    writer.optional(organisation) { $0.id($1) }
    writer.optional(assignment) { $0.id($1) }
    writer.optional(approval) { $0.bytes($1.packed) }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(6, "space opening")
    kind = try reader.word()
    members = try reader.list(max: Self.memberCountMax) { (r) throws(WireError) in
      try r.object()
    }
    team = try reader.optional { (r) throws(WireError) in try r.id() }
    organisation = try reader.optional { (r) throws(WireError) in try r.id() }
    assignment = try reader.optional { (r) throws(WireError) in try r.id() }
    approval = try reader.optional { (r) throws(WireError) in try r.origin() }
  }
}

/// A generation of a space's symmetric key. Its id is the hash of this statement.
public struct EpochStatement: Hashable, WireCodable {
  /// Sealed box for one member account or team.
  public struct Wrap: Hashable, Sendable {
    public let recipient: Bytes32
    /// Of the account's or team's key that it is wrapped for, from 0.
    public let keyGeneration: UInt64
    public let hash: Digest

    public init(recipient: Bytes32, keyGeneration: UInt64 = 0, hash: Digest) {
      self.recipient = recipient
      self.keyGeneration = keyGeneration
      self.hash = hash
    }
  }

  /// An epoch's key sealed under another one's.
  public struct Seal: Hashable, Sendable {
    public let epoch: EpochID
    public let hash: Digest

    public init(epoch: EpochID, hash: Digest) {
      self.epoch = epoch
      self.hash = hash
    }
  }

  public static let furtherSealCountMax = 64

  /// A hash of the key, so that two members cannot be given two keys.
  public let commitment: Digest
  /// One wrap for exactly each member, sorted by recipient.
  public let wraps: [Wrap]
  /// The hash of the epoch's key before, sealed under this one, so that whoever comes later can read
  /// what was written earlier; `nil` for the first epoch.
  public let predecessor: Digest?
  /// Other epochs that no later one opens, sealed under this one as well: of two that were made one
  /// after the other, because a restored server had lost the first, only one is the epoch before.
  public let furtherSeals: [Seal]

  public init(
    commitment: Digest, wraps: [Wrap], predecessor: Digest? = nil, furtherSeals: [Seal] = []
  ) {
    self.commitment = commitment
    self.predecessor = predecessor
    self.furtherSeals = furtherSeals
    self.wraps = wraps.sorted { $0.recipient < $1.recipient }
  }

  /// The hashes of all keys that are sealed under this one.
  public var seals: [Digest] { (predecessor.map { [$0] } ?? []) + furtherSeals.map(\.hash) }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: furtherSeals.isEmpty ? (predecessor == nil ? 2 : 3) : 4)
    writer.octets(commitment)
    writer.list(wraps) { writer, wrap in
      writer.array(count: wrap.keyGeneration == 0 ? 2 : 3)
      writer.id(wrap.recipient)
      writer.octets(wrap.hash)
      writer.laterGeneration(wrap.keyGeneration)
    }
    if !furtherSeals.isEmpty {
      writer.optional(predecessor) { $0.octets($1) }
      writer.list(furtherSeals) { writer, seal in
        writer.array(count: 2)
        writer.id(seal.epoch)
        writer.octets(seal.hash)
      }
    } else if let predecessor {
      writer.octets(predecessor)
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    let count = try reader.fields(2...4, "epoch")
    commitment = try reader.digest()
    wraps = try reader.list(max: SpaceOpening.memberCountMax) { (r) throws(WireError) in
      let count = try r.fields(2...3, "epoch wrap")
      let (recipient, hash): (Bytes32, Digest) = (try r.id(), try r.digest())
      return Wrap(
        recipient: recipient, keyGeneration: try r.laterGeneration(count == 3), hash: hash)
    }
    guard count == 4 else {
      predecessor = count == 3 ? try reader.digest() : nil
      furtherSeals = []
      return
    }
    predecessor = try reader.optional { (r) throws(WireError) in try r.digest() }
    furtherSeals = try reader.list(max: Self.furtherSealCountMax) { (r) throws(WireError) in
      try r.fields(2, "epoch seal")
      return Seal(epoch: try r.id(), hash: try r.digest())
    }
    // Without any the field is left out.
    guard !furtherSeals.isEmpty else { throw .unexpected("epoch seals") }
  }
}
