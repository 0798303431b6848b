import CBOR
import Merge
import Signing

/// The three public keys of a device, certified by its account's chain.
public struct DeviceCertificate: Hashable, WireCodable {
  /// Signs journals, statements and sessions.
  public let identity: SigningPublicKey
  /// Opens what is wrapped for the device.
  public let exchange: ExchangePublicKey
  /// Opens sessions that can only pull and purge; usable while the device is locked.
  public let transport: SigningPublicKey

  public init(
    identity: SigningPublicKey, exchange: ExchangePublicKey, transport: SigningPublicKey
  ) {
    self.identity = identity
    self.exchange = exchange
    self.transport = transport
  }

  public var device: DeviceID { DeviceID(identity) }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 3)
    writer.octets(identity)
    writer.octets(exchange)
    writer.octets(transport)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(3, "device certificate")
    identity = try reader.signingKey()
    exchange = try reader.exchangeKey()
    transport = try reader.signingKey()
  }

  /// What a new device signs to show that it holds the identity key.
  public func proofMessage(for account: AccountID) -> [UInt8] { account.bytes + encoded }
}
