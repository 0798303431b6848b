import CBOR
import Merge
import Signing

/// A device's word that it holds nothing of a space any more: no rows, keys and cached files; or, where
/// it names shares, nothing of those. A report, not a proof.
public struct PurgeReport: Hashable, WireCodable {
  /// Shares in one report.
  public static let shareCountMax = 4096

  public let space: SpaceID
  public let device: DeviceID
  /// The log time of the statement that asked for it, or of the log when the shares were gone.
  public let timeMilliseconds: UInt64
  /// By the device's transport key.
  public let signature: Signature
  /// Empty for the whole space.
  public let shares: [RecordID]

  public init(
    space: SpaceID, device: DeviceID, timeMilliseconds: UInt64, signature: Signature,
    shares: [RecordID] = []
  ) {
    self.space = space
    self.device = device
    self.timeMilliseconds = timeMilliseconds
    self.signature = signature
    self.shares = shares
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: shares.isEmpty ? 4 : 5)
    writer.id(space)
    writer.id(device)
    writer.unsigned(timeMilliseconds)
    writer.octets(signature)
    if !shares.isEmpty { writer.list(shares) { $0.id($1) } }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    let count = try reader.array(max: 5)
    guard count >= 4 else { throw .unexpected("purge report") }
    space = try reader.id()
    device = try reader.id()
    timeMilliseconds = try reader.milliseconds()
    signature = try reader.signature()
    guard count == 5 else {
      shares = []
      return
    }
    shares = try reader.list(max: Self.shareCountMax) { (r) throws(WireError) in try r.id() }
    guard !shares.isEmpty else { throw .unexpected("purge report") }
  }
}

extension PurgeReport {
  /// What the transport key signs.
  public static func message(
    space: SpaceID, device: DeviceID, timeMilliseconds: UInt64, shares: [RecordID] = []
  ) -> [UInt8] {
    var writer = CBORWriter()
    writer.array(count: shares.isEmpty ? 3 : 4)
    writer.id(space)
    writer.id(device)
    writer.unsigned(timeMilliseconds)
    if !shares.isEmpty { writer.list(shares) { $0.id($1) } }
    return writer.bytes
  }

  /// Whether the device with this transport key said so.
  public func isSigned(by key: SigningPublicKey) -> Bool {
    let message = Self.message(
      space: space, device: device, timeMilliseconds: timeMilliseconds, shares: shares)
    return key.verify(signature, of: message, .purgeReport)
  }
}
