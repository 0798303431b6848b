import CBOR
import Merge
import Signing

/// How far a journal is known: the last sequence and the hash chained up to it.
public struct JournalPoint: Hashable, WireCodable {
  /// Before the first commit.
  public static let start = JournalPoint(sequence: 0, hash: .zero)

  public let sequence: UInt64
  public let hash: Digest

  public init(sequence: UInt64, hash: Digest) {
    self.sequence = sequence
    self.hash = hash
  }

  /// The point after one more commit.
  public func next(_ space: SpaceID, _ replica: ReplicaID, content: Digest) -> JournalPoint {
    var writer = CBORWriter()
    writer.array(count: 3)
    writer.id(space)
    writer.id(replica)
    writer.unsigned(sequence + 1)
    return JournalPoint(
      sequence: sequence + 1,
      hash: Domain.journal.hash(writer.bytes, hash.bytes, content.bytes))
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 2)
    writer.unsigned(sequence)
    writer.octets(hash)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(2, "journal point")
    sequence = try reader.sequence()
    hash = try reader.digest()
  }
}
