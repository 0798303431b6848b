import CBOR
import Merge
import Signing

/// One signature over a journal's point: it vouches for every commit up to it.
public struct JournalSignature: Hashable, WireCodable {
  /// The last sequence that the signature covers.
  public let sequence: UInt64
  public let seen: SeenHeads
  public let signature: Signature

  public init(
    space: SpaceID, replica: ReplicaID, point: JournalPoint, seen: SeenHeads, key: SigningKey
  ) {
    sequence = point.sequence
    self.seen = seen
    signature = key.sign(Self.message(space, replica, point, seen), .journalSignature)
  }

  public func covers(
    _ point: JournalPoint, space: SpaceID, replica: ReplicaID, key: SigningPublicKey
  ) -> Bool {
    point.sequence == sequence
      && key.verify(
        signature, of: Self.message(space, replica, point, seen), .journalSignature)
  }

  private static func message(
    _ space: SpaceID, _ replica: ReplicaID, _ point: JournalPoint, _ seen: SeenHeads
  ) -> [UInt8] {
    var writer = CBORWriter()
    writer.array(count: 4)
    writer.id(space)
    writer.id(replica)
    writer.object(point)
    writer.object(seen)
    return writer.bytes
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 3)
    writer.unsigned(sequence)
    writer.object(seen)
    writer.octets(signature)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(3, "journal signature")
    sequence = try reader.sequence()
    seen = try reader.object()
    signature = try reader.signature()
  }
}
