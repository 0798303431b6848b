import CBOR
import Merge
import Signing

/// What a device of an account shows to the next one: which account, which server, the secret.
///
/// It is also the first of the three messages that lead to the short code (Vaudenay, “Secure
/// Communications over Insecure Channels Based on Short Authenticated Strings”, 2005): it commits to
/// a nonce and to all else that this side puts into the code. The new device answers with its keys
/// and a nonce of its own; only then is the first nonce shown. So nobody in between can look for
/// keys that give the same code, also not with the token in hand.
public struct Enrolment: SecretToken {
  public static let prefix = "satchel-device-1-"
  /// A day, like what the server keeps of it.
  public static let lifetimeMilliseconds: UInt64 = 24 * 60 * 60 * 1000

  public let server: SigningPublicKey
  public let account: AccountID
  /// What the account is in its organisation.
  public let role: Role
  /// The organisation, so that the new device can follow its chain and take its teams' keys.
  public let organisation: OrganisationID?
  /// What the account's person is called; goes from device to device with the token.
  public let name: String?
  /// The account's chain as the device that is there sees it: all its devices and keys.
  public let accountHead: ChainPoint
  /// Milliseconds since 1970.
  public let expiresMilliseconds: UInt64
  /// To the nonce of the device that is there, and to everything above.
  public let commitment: Digest
  public let secret: SharedSecret

  /// - Parameter nonce: shown only once the new device has said what it adds to the code.
  public init(
    server: SigningPublicKey, account: AccountID, role: Role,
    organisation: OrganisationID? = nil, name: String? = nil, accountHead: ChainPoint,
    expiresMilliseconds: UInt64, nonce: EnrolmentNonce, secret: SharedSecret
  ) {
    self.server = server
    self.account = account
    self.role = role
    self.organisation = organisation
    self.name = name
    self.accountHead = accountHead
    self.expiresMilliseconds = expiresMilliseconds
    self.secret = secret
    var writer = CBORWriter()
    Self.encodeTerms(
      server, account, role, organisation, name, accountHead, expiresMilliseconds, to: &writer)
    commitment = Domain.enrolmentCommitment.hash(nonce.bytes, writer.bytes)
  }

  public var lookup: Digest { secret.lookup(.enrolmentLookup) }

  // MARK: The short code

  /// Whether this is the nonce that was committed to.
  public func isOpened(by nonce: EnrolmentNonce) -> Bool {
    Domain.enrolmentCommitment.hash(nonce.bytes, terms) == commitment
  }

  /// Six digits that both devices show: over server, account, its chain, the new device's keys, and
  /// both nonces.
  ///
  /// - Parameters:
  ///   - nonce: the one that was committed to.
  ///   - joining: that of the new device.
  public func shortCode(
    _ certificate: DeviceCertificate, joining: EnrolmentNonce, nonce: EnrolmentNonce
  ) -> String {
    let hash = Domain.shortCode.hash(terms, certificate.encoded, joining.bytes, nonce.bytes)
    let number = hash.bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } % 1_000_000
    let digits = String(number)
    return String(repeating: "0", count: 6 - digits.count) + digits
  }

  // MARK: Codes under the secret

  /// Binds the new device's keys to the secret: whoever has no token cannot put in others.
  public func requestMAC(_ certificate: DeviceCertificate, _ nonce: EnrolmentNonce) -> Digest {
    secret.mac(requestMessage(certificate, nonce), .enrolmentRequest)
  }

  public func requestMessage(
    _ certificate: DeviceCertificate, _ nonce: EnrolmentNonce
  ) -> [UInt8] {
    account.bytes + certificate.encoded + nonce.bytes
  }

  /// Binds the chain that the approving device sees to the secret, and the heads that it hands over.
  public func approvalMAC(
    _ certificate: DeviceCertificate, head: ChainPoint, handedHeads: HandedHeads
  ) -> Digest {
    secret.mac(
      approvalMessage(certificate, head: head, handedHeads: handedHeads), .enrolmentApproval)
  }

  public func approvalMessage(
    _ certificate: DeviceCertificate, head: ChainPoint, handedHeads: HandedHeads
  ) -> [UInt8] {
    account.bytes + certificate.encoded + head.encoded
      + Hasher256.content(handedHeads.encoded).bytes
  }

  // MARK: Coding

  /// What the commitment is to, beside the nonce.
  private var terms: [UInt8] {
    var writer = CBORWriter()
    Self.encodeTerms(
      server, account, role, organisation, name, accountHead, expiresMilliseconds, to: &writer)
    return writer.bytes
  }

  private static func encodeTerms(
    _ server: SigningPublicKey, _ account: AccountID, _ role: Role,
    _ organisation: OrganisationID?, _ name: String?, _ accountHead: ChainPoint,
    _ expiresMilliseconds: UInt64, to writer: inout CBORWriter
  ) {
    writer.array(count: 7)
    writer.octets(server)
    writer.id(account)
    writer.word(role)
    writer.optional(organisation) { $0.id($1) }
    writer.optional(name) { $0.text($1) }
    writer.object(accountHead)
    writer.unsigned(expiresMilliseconds)
  }

  public func encodeOpen(to writer: inout CBORWriter) {
    // With the secret behind them.
    writer.array(count: 3)
    Self.encodeTerms(
      server, account, role, organisation, name, accountHead, expiresMilliseconds, to: &writer)
    writer.octets(commitment)
  }

  public init(open reader: inout WireReader, secret: SharedSecret) throws(WireError) {
    try reader.fields(3, "enrolment")
    try reader.fields(7, "enrolment")
    server = try reader.signingKey()
    account = try reader.id()
    role = try reader.word()
    organisation = try reader.optional { (r) throws(WireError) in try r.id() }
    name = try reader.optional { (r) throws(WireError) in
      try r.text(max: OrganisationCreation.nameByteCountMax)
    }
    accountHead = try reader.object()
    expiresMilliseconds = try reader.milliseconds()
    commitment = try reader.digest()
    self.secret = secret
  }
}
