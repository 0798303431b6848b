import CBOR
import Merge
import Signing

/// The server's public keys, signed by the one that invitations carry.
public struct ServerCertificate: Hashable, WireCodable {
  /// Pinned by every device from its invitation.
  public let identity: SigningPublicKey
  /// Signs log and chain heads, and the server's own journal.
  public let log: SigningPublicKey
  /// Signs ledger checkpoints.
  public let checkpoint: SigningPublicKey
  public let signature: Signature

  public init(identity: SigningKey, log: SigningPublicKey, checkpoint: SigningPublicKey) {
    self.identity = identity.publicKey
    self.log = log
    self.checkpoint = checkpoint
    signature = identity.sign(
      Self.message(identity.publicKey, log, checkpoint), .serverCertificate)
  }

  /// The id that the server writes under.
  public var device: DeviceID { DeviceID(log) }

  public var isValid: Bool {
    identity.verify(signature, of: Self.message(identity, log, checkpoint), .serverCertificate)
  }

  private static func message(
    _ identity: SigningPublicKey, _ log: SigningPublicKey, _ checkpoint: SigningPublicKey
  ) -> [UInt8] { identity.bytes + log.bytes + checkpoint.bytes }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 4)
    writer.octets(identity)
    writer.octets(log)
    writer.octets(checkpoint)
    writer.octets(signature)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(4, "server certificate")
    identity = try reader.signingKey()
    log = try reader.signingKey()
    checkpoint = try reader.signingKey()
    signature = try reader.signature()
  }
}
