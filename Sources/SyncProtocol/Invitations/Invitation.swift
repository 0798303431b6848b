import CBOR
import Merge
import Signing

/// What a new person gets from the one who invites: where the server is, which key it must have, who
/// invites, as what, until when, and the secret.
public struct Invitation: Hashable, WireCodable {
  /// How a token begins, so that it is recognised and not mistaken for anything else.
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

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 6)
    writer.octets(server)
    writer.optional(organisation) { $0.id($1) }
    writer.optional(inviter) { $0.id($1) }
    writer.word(role)
    writer.unsigned(expiresMilliseconds)
    writer.bytes(secret.bytes)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(6, "invitation")
    server = try reader.signingKey()
    organisation = try reader.optional { (r) throws(WireError) in try r.id() }
    inviter = try reader.optional { (r) throws(WireError) in try r.id() }
    role = try reader.word()
    expiresMilliseconds = try reader.milliseconds()
    secret = try reader.sharedSecret()
  }
}

/// What an account's first device shows to its next one: which account, which server, the secret.
public struct Enrolment: Hashable, WireCodable {
  public static let prefix = "satchel-device-1-"

  public let server: SigningPublicKey
  public let account: AccountID
  /// What the account is in its organisation.
  public let role: Role
  /// The organisation, so that the new device can follow its chain and take its teams' keys.
  public let organisation: OrganisationID?
  /// What the account's person is called; goes from device to device with the token.
  public let name: String?
  public let secret: SharedSecret

  public init(
    server: SigningPublicKey, account: AccountID, role: Role,
    organisation: OrganisationID? = nil, name: String? = nil, secret: SharedSecret
  ) {
    self.server = server
    self.account = account
    self.role = role
    self.organisation = organisation
    self.name = name
    self.secret = secret
  }

  public var lookup: Digest { secret.lookup(.enrolmentLookup) }

  /// Binds the new device's keys to the secret: the server cannot put in others.
  public func requestMAC(_ certificate: DeviceCertificate) -> Digest {
    secret.mac(requestMessage(certificate), .enrolmentRequest)
  }

  public func requestMessage(_ certificate: DeviceCertificate) -> [UInt8] {
    account.bytes + certificate.encoded
  }

  /// Binds the chain that the approving device sees to the secret.
  public func approvalMAC(_ certificate: DeviceCertificate, head: ChainPoint) -> Digest {
    secret.mac(approvalMessage(certificate, head: head), .enrolmentApproval)
  }

  public func approvalMessage(_ certificate: DeviceCertificate, head: ChainPoint) -> [UInt8] {
    account.bytes + certificate.encoded + head.encoded
  }

  /// Six digits that both devices show, over account, keys and server.
  public func shortCode(_ certificate: DeviceCertificate) -> String {
    let hash = Domain.shortCode.hash(server.bytes, account.bytes, certificate.encoded)
    let number = hash.bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } % 1_000_000
    let digits = String(number)
    return String(repeating: "0", count: 6 - digits.count) + digits
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 6)
    writer.octets(server)
    writer.id(account)
    writer.word(role)
    writer.optional(organisation) { $0.id($1) }
    writer.optional(name) { $0.text($1) }
    writer.bytes(secret.bytes)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(6, "enrolment")
    server = try reader.signingKey()
    account = try reader.id()
    role = try reader.word()
    organisation = try reader.optional { (r) throws(WireError) in try r.id() }
    name = try reader.optional { (r) throws(WireError) in
      try r.text(max: OrganisationCreation.nameByteCountMax)
    }
    secret = try reader.sharedSecret()
  }
}

extension WireReader {
  mutating func sharedSecret() throws(WireError) -> SharedSecret {
    guard let secret = SharedSecret(try bytes(max: SharedSecret.byteCount)) else {
      throw .unexpected("secret")
    }
    return secret
  }
}
