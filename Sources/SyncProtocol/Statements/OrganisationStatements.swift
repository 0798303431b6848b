import CBOR
import Merge
import Schemas
import Signing

/// The first statement of an organisation; its author's account is its first administrator.
public struct OrganisationCreation: Hashable, WireCodable {
  /// Characters are not limited, bytes are.
  public static let nameByteCountMax = 200

  /// Open: the operator knows whom it serves.
  public let name: String
  /// The author's account chain when the organisation was founded.
  public let accountHead: ChainPoint

  public init(name: String, accountHead: ChainPoint) {
    self.name = name
    self.accountHead = accountHead
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 2)
    writer.text(name)
    writer.object(accountHead)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(2, "organisation creation")
    name = try reader.text(max: Self.nameByteCountMax)
    accountHead = try reader.object()
  }
}

/// An administrator binds an account to a role, and for staff to a name: the end of an invitation.
public struct OrganisationMember: Hashable, WireCodable {
  public let account: AccountID
  public let accountHead: ChainPoint
  public let role: Role
  /// Staff only. A client's name never stands here.
  public let name: String?

  public init(account: AccountID, accountHead: ChainPoint, role: Role, name: String?) {
    self.account = account
    self.accountHead = accountHead
    self.role = role
    self.name = name
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 4)
    writer.id(account)
    writer.object(accountHead)
    writer.word(role)
    writer.optional(name) { $0.text($1) }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(4, "organisation member")
    account = try reader.id()
    accountHead = try reader.object()
    role = try reader.word()
    name = try reader.optional { (r) throws(WireError) in
      try r.text(max: OrganisationCreation.nameByteCountMax)
    }
  }
}

/// An administrator lists a team of the organisation, so that whom it concerns can find it; or names a
/// listed one as the emergency team.
public struct OrganisationTeam: Hashable, WireCodable {
  public let team: TeamID

  public init(team: TeamID) { self.team = team }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 1)
    writer.id(team)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(1, "organisation team")
    team = try reader.id()
  }
}

/// An administrator declares a record type of the organisation, or the next version of one.
public struct OrganisationType: Hashable, WireCodable {
  /// The schema file, byte for byte; open, as all declarations are.
  public let file: [UInt8]

  public init(file: [UInt8]) { self.file = file }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 1)
    writer.bytes(file)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(1, "organisation type")
    file = try reader.bytes(max: OrganisationTypeCheck.fileByteCountMax)
  }
}
