import CBOR
import Merge
import Signing

/// What a device signed of the history that it had been shown: a signature over its journal, with what
/// is needed to check it.
public struct SignedView: Hashable, WireCodable {
  public let replica: ReplicaID
  /// The journal's point that the signature covers.
  public let point: JournalPoint
  public let signature: JournalSignature
  /// The device's identity key; its hash is the device's id.
  public let key: SigningPublicKey

  public init(
    replica: ReplicaID, point: JournalPoint, signature: JournalSignature, key: SigningPublicKey
  ) {
    self.replica = replica
    self.point = point
    self.signature = signature
    self.key = key
  }

  public var seen: SeenHeads { signature.seen }

  /// Whether the key is the device's, and the signature over the point is by it.
  public func isSigned(in space: SpaceID) -> Bool {
    DeviceID(key) == replica.device
      && signature.covers(point, space: space, replica: replica, key: key)
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 4)
    writer.id(replica)
    writer.object(point)
    writer.object(signature)
    writer.octets(key)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(4, "signed view")
    replica = try reader.id()
    point = try reader.object()
    signature = try reader.object()
    key = try reader.signingKey()
  }
}
