import CBOR
import Merge
import Signing

/// The first statement of an account: its first device and its first account key.
public struct AccountCreation: Hashable, WireCodable {
  /// X25519; what others seal to the account. Also shown as `age1…`.
  public let accountKey: ExchangePublicKey
  public let device: DeviceCertificate
  /// The name (hash) of the account key's wrap for the device.
  public let accountKeyWrap: Digest

  public init(
    accountKey: ExchangePublicKey, device: DeviceCertificate, accountKeyWrap: Digest
  ) {
    self.accountKey = accountKey
    self.device = device
    self.accountKeyWrap = accountKeyWrap
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 3)
    writer.octets(accountKey)
    writer.object(device)
    writer.octets(accountKeyWrap)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(3, "account creation")
    accountKey = try reader.exchangeKey()
    device = try reader.object()
    accountKeyWrap = try reader.digest()
  }
}

/// A further device, or a recovery kit, certified by a device or kit that the account has.
public struct DeviceAddition: Hashable, WireCodable {
  public let device: DeviceCertificate
  /// By the new device's identity key, over the account and its own certificate.
  public let proof: Signature
  public let accountKeyWrap: Digest

  public init(device: DeviceCertificate, proof: Signature, accountKeyWrap: Digest) {
    self.device = device
    self.proof = proof
    self.accountKeyWrap = accountKeyWrap
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 3)
    writer.object(device)
    writer.octets(proof)
    writer.octets(accountKeyWrap)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(3, "device addition")
    device = try reader.object()
    proof = try reader.signature()
    accountKeyWrap = try reader.digest()
  }
}
