/// How far each replica's journal is known: replica → highest sequence, contiguous from 1.
public struct VersionVector: Hashable, Sendable {
  private var sequences: [ReplicaID: UInt64]

  public init() { sequences = [:] }

  /// 0 for a replica of which nothing is known.
  public subscript(replica: ReplicaID) -> UInt64 { sequences[replica] ?? 0 }

  /// Takes note that the journal of `replica` is known up to `sequence`; never goes back.
  public mutating func advance(_ replica: ReplicaID, to sequence: UInt64) {
    if sequence > self[replica] { sequences[replica] = sequence }
  }

  public mutating func merge(_ other: VersionVector) {
    for (replica, sequence) in other.sequences { advance(replica, to: sequence) }
  }

  /// Whether everything that `other` knows is known here.
  public func covers(_ other: VersionVector) -> Bool {
    other.sequences.allSatisfy { self[$0.key] >= $0.value }
  }

  public func contains(_ origin: Origin) -> Bool { self[origin.replica] >= origin.sequence }

  /// Sorted by replica.
  public var entries: [(replica: ReplicaID, sequence: UInt64)] {
    sequences.map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 }
  }
}
