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
  /// The log time of the statement that asked for it; with shares, of the log as far as it was read.
  public let timeMilliseconds: UInt64
  /// By the device's transport key.
  public let signature: Signature
  /// Empty for the whole space.
  public let shares: [RecordID]
  /// How far the device had read the log when nothing of the shares was left; zero without shares.
  public let position: Position

  public init(
    space: SpaceID, device: DeviceID, timeMilliseconds: UInt64, signature: Signature,
    shares: [RecordID] = [], position: Position = .zero
  ) {
    precondition(!shares.isEmpty || position == .zero, "a place is said of shares only")
    self.space = space
    self.device = device
    self.timeMilliseconds = timeMilliseconds
    self.signature = signature
    self.shares = shares
    self.position = position
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: shares.isEmpty ? 4 : 6)
    writer.id(space)
    writer.id(device)
    writer.unsigned(timeMilliseconds)
    writer.octets(signature)
    guard !shares.isEmpty else { return }
    writer.list(shares) { $0.id($1) }
    writer.position(position)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    let count = try reader.array(max: 6)
    guard count == 4 || count == 6 else { throw .unexpected("purge report") }
    space = try reader.id()
    device = try reader.id()
    timeMilliseconds = try reader.milliseconds()
    signature = try reader.signature()
    guard count == 6 else {
      shares = []
      position = .zero
      return
    }
    shares = try reader.list(max: Self.shareCountMax) { (r) throws(WireError) in try r.id() }
    guard !shares.isEmpty else { throw .unexpected("purge report") }
    position = try reader.position()
  }
}

extension PurgeReport {
  /// What the transport key signs.
  public static func message(
    space: SpaceID, device: DeviceID, timeMilliseconds: UInt64, shares: [RecordID] = [],
    position: Position = .zero
  ) -> [UInt8] {
    var writer = CBORWriter()
    writer.array(count: shares.isEmpty ? 3 : 5)
    writer.id(space)
    writer.id(device)
    writer.unsigned(timeMilliseconds)
    if !shares.isEmpty {
      writer.list(shares) { $0.id($1) }
      writer.position(position)
    }
    return writer.bytes
  }

  /// Whether the device with this transport key said so.
  public func isSigned(by key: SigningPublicKey) -> Bool {
    let message = Self.message(
      space: space, device: device, timeMilliseconds: timeMilliseconds, shares: shares,
      position: position)
    return key.verify(signature, of: message, .purgeReport)
  }
}
