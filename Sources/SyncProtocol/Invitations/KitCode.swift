import CBOR
import Merge
import Signing

/// What a recovery kit says beside its words: which server, which account, and where on its chain the
/// kit stands. No secret; its words are.
public struct KitCode: Hashable, WireCodable, TextToken {
  public static let prefix = "satchel-kit-1-"
  public static let urlByteCountMax = 512

  /// The server's identity key.
  public let server: SigningPublicKey
  public let url: String
  public let account: AccountID
  /// The statement that announced the kit: a chain without it is an old one.
  public let announced: ChainPoint
  /// What the account is in its organisation.
  public let role: Role
  public let organisation: OrganisationID?
  /// What the account's person is called.
  public let name: String?

  public init(
    server: SigningPublicKey, url: String, account: AccountID, announced: ChainPoint, role: Role,
    organisation: OrganisationID?, name: String?
  ) {
    self.server = server
    self.url = url
    self.account = account
    self.announced = announced
    self.role = role
    self.organisation = organisation
    self.name = name
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 7)
    writer.octets(server)
    writer.text(url)
    writer.id(account)
    writer.object(announced)
    writer.word(role)
    writer.optional(organisation) { $0.id($1) }
    writer.optional(name) { $0.text($1) }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(7, "kit code")
    server = try reader.signingKey()
    url = try reader.text(max: Self.urlByteCountMax)
    account = try reader.id()
    announced = try reader.object()
    role = try reader.word()
    organisation = try reader.optional { (r) throws(WireError) in try r.id() }
    name = try reader.optional { (r) throws(WireError) in
      try r.text(max: OrganisationCreation.nameByteCountMax)
    }
  }
}
