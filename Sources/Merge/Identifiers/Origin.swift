/// The (replica, sequence) that a commit was first written under. It keeps it through every re-issue.
public struct Origin: Hashable, Comparable, Sendable {
  public let replica: ReplicaID
  /// The place in the replica's journal of the space; the first is 1.
  public let sequence: UInt64

  public init(replica: ReplicaID, sequence: UInt64) {
    self.replica = replica
    self.sequence = sequence
  }

  public static func < (left: Self, right: Self) -> Bool {
    (left.replica, left.sequence) < (right.replica, right.sequence)
  }
}

extension Origin {
  /// Replica id, then the sequence as eight bytes, most significant first: the form that an `open`
  /// field of kind `bytes` holds.
  public var packed: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(ReplicaID.byteCount + 8)
    replica.append(to: &bytes)
    withUnsafeBytes(of: sequence.bigEndian) { bytes.append(contentsOf: $0) }
    return bytes
  }

  /// `nil` unless the bytes are what ``packed`` gives.
  public init?(packed bytes: some Collection<UInt8>) {
    guard bytes.count == ReplicaID.byteCount + 8,
      let replica = ReplicaID(bytes.prefix(ReplicaID.byteCount))
    else { return nil }
    let sequence = withBuffer(of: bytes) { word($0, at: ReplicaID.byteCount) }
    self.init(replica: replica, sequence: sequence)
  }
}
