import CBOR
import Merge
import Signing

/// Makes an invitation known to the server, which learns the hash of its secret only.
public struct InvitationRequest: Hashable, WireCodable {
  public let lookup: Digest
  public let role: Role
  public let organisation: OrganisationID?
  /// Milliseconds since 1970; at most 14 days ahead.
  public let expiresMilliseconds: UInt64

  public init(
    lookup: Digest, role: Role, organisation: OrganisationID?, expiresMilliseconds: UInt64
  ) {
    self.lookup = lookup
    self.role = role
    self.organisation = organisation
    self.expiresMilliseconds = expiresMilliseconds
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 4)
    writer.octets(lookup)
    writer.word(role)
    writer.optional(organisation) { $0.id($1) }
    writer.unsigned(expiresMilliseconds)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(4, "invitation request")
    lookup = try reader.digest()
    role = try reader.word()
    organisation = try reader.optional { (r) throws(WireError) in try r.id() }
    expiresMilliseconds = try reader.milliseconds()
  }
}

/// What became of an invitation.
public struct InvitationState: Hashable, WireCodable {
  public let lookup: Digest
  public let role: Role
  public let expiresMilliseconds: UInt64
  /// `nil` while nobody has used it.
  public let acceptance: InvitationAcceptance?

  public init(
    lookup: Digest, role: Role, expiresMilliseconds: UInt64, acceptance: InvitationAcceptance?
  ) {
    self.lookup = lookup
    self.role = role
    self.expiresMilliseconds = expiresMilliseconds
    self.acceptance = acceptance
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 4)
    writer.octets(lookup)
    writer.word(role)
    writer.unsigned(expiresMilliseconds)
    writer.optional(acceptance) { $0.object($1) }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(4, "invitation state")
    lookup = try reader.digest()
    role = try reader.word()
    expiresMilliseconds = try reader.milliseconds()
    acceptance = try reader.optional { (r) throws(WireError) in try r.object() }
  }
}

/// Who used an invitation.
public struct InvitationAcceptance: Hashable, WireCodable {
  public let account: AccountID
  public let accountHead: ChainPoint
  public let mac: Digest

  public init(account: AccountID, accountHead: ChainPoint, mac: Digest) {
    self.account = account
    self.accountHead = accountHead
    self.mac = mac
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 3)
    writer.id(account)
    writer.object(accountHead)
    writer.octets(mac)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(3, "invitation acceptance")
    account = try reader.id()
    accountHead = try reader.object()
    mac = try reader.digest()
  }
}

/// The session account's own invitations, oldest first.
public struct InvitationList: Hashable, WireCodable {
  public let invitations: [InvitationState]

  public init(invitations: [InvitationState]) {
    self.invitations = invitations
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 1)
    writer.list(invitations) { $0.object($1) }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(1, "invitation list")
    invitations = try reader.list(max: 4096) { (r) throws(WireError) in
      try r.object()
    }
  }
}
