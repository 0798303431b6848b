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
