import CBOR
import Merge
import Signing

/// A device of the account takes another one out, and gives the account its next key: one statement,
/// so that no moment lies between them (design §7).
public struct DeviceRevocation: Hashable, WireCodable {
  /// A wrap of the next account key for a device that stays.
  public struct Wrap: Hashable, Sendable {
    public let device: DeviceID
    public let hash: Digest

    public init(device: DeviceID, hash: Digest) {
      self.device = device
      self.hash = hash
    }
  }

  public let device: DeviceID
  public let accountKey: ExchangePublicKey
  /// The hash of the account key before, sealed to this one: who holds the newest opens all.
  public let predecessor: Digest
  /// One for exactly each device that stays, sorted by device.
  public let wraps: [Wrap]
  /// That a kit which counts may go because the next one was announced in time; `nil` for any other
  /// device.
  public let waiting: KitWaiting?

  public init(
    device: DeviceID, accountKey: ExchangePublicKey, predecessor: Digest, wraps: [Wrap],
    waiting: KitWaiting? = nil
  ) {
    self.device = device
    self.accountKey = accountKey
    self.predecessor = predecessor
    self.wraps = wraps.sorted { $0.device < $1.device }
    self.waiting = waiting
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: waiting == nil ? 4 : 5)
    writer.id(device)
    writer.octets(accountKey)
    writer.octets(predecessor)
    writer.list(wraps) { writer, wrap in
      writer.array(count: 2)
      writer.id(wrap.device)
      writer.octets(wrap.hash)
    }
    if let waiting { writer.object(waiting) }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    let count = try reader.fields(4...5, "device revocation")
    device = try reader.id()
    accountKey = try reader.exchangeKey()
    predecessor = try reader.digest()
    wraps = try reader.list(max: AccountChain.deviceCountMax) { (r) throws(WireError) in
      try r.fields(2, "account key wrap")
      return Wrap(device: try r.id(), hash: try r.digest())
    }
    waiting = count == 5 ? try reader.object() : nil
  }
}
