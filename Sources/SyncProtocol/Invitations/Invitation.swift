import CBOR
import Merge
import Signing

/// What a new person gets from the one who invites: where the server is, which key it must have, who
/// invites, as what, until when, and the secret.
public struct Invitation: SecretToken {
  public static let prefix = "satchel-invite-1-"
  /// Seven days; for a family caregiver fourteen (requirements E3, E4).
  public static func lifetimeMilliseconds(_ role: Role) -> UInt64 {
    (role == .family ? 14 : 7) * 24 * 60 * 60 * 1000
  }

  /// The server's identity key, pinned by whoever accepts.
  public let server: SigningPublicKey
  /// `nil` in the first administrator's invitation, and in a client's for a family caregiver.
  public let organisation: OrganisationID?
  /// `nil` in the invitation that `satchel-server init` makes.
  public let inviter: AccountID?
  public let role: Role
  public let expiresMilliseconds: UInt64
  public let secret: SharedSecret

  public init(
    server: SigningPublicKey, organisation: OrganisationID?, inviter: AccountID?, role: Role,
    expiresMilliseconds: UInt64, secret: SharedSecret
  ) {
    self.server = server
    self.organisation = organisation
    self.inviter = inviter
    self.role = role
    self.expiresMilliseconds = expiresMilliseconds
    self.secret = secret
  }

  public var lookup: Digest { secret.lookup(.invitationLookup) }

  /// What the invited person sends, and only the inviter can check.
  public func acceptance(account: AccountID, head: ChainPoint) -> Digest {
    secret.mac(Self.acceptanceMessage(account, head), .invitationAcceptance)
  }

  public static func acceptanceMessage(_ account: AccountID, _ head: ChainPoint) -> [UInt8] {
    account.bytes + head.encoded
  }

  public func encodeOpen(to writer: inout CBORWriter) {
    // With the secret behind them.
    writer.array(count: 6)
    writer.octets(server)
    writer.optional(organisation) { $0.id($1) }
    writer.optional(inviter) { $0.id($1) }
    writer.word(role)
    writer.unsigned(expiresMilliseconds)
  }

  public init(open reader: inout WireReader, secret: SharedSecret) throws(WireError) {
    try reader.fields(6, "invitation")
    server = try reader.signingKey()
    organisation = try reader.optional { (r) throws(WireError) in try r.id() }
    inviter = try reader.optional { (r) throws(WireError) in try r.id() }
    role = try reader.word()
    expiresMilliseconds = try reader.milliseconds()
    self.secret = secret
  }
}
