import CBOR
import Merge
import Signing

/// A run of one replica's commits with one signature over the last: what a push sends.
public struct JournalSegment: Hashable, WireCodable {
  public static let commitCountMax = 4096

  public let replica: ReplicaID
  /// The point that the first commit follows.
  public let after: JournalPoint
  public let commits: [EncodedCommit]
  public let signature: JournalSignature

  public init(
    replica: ReplicaID, after: JournalPoint, commits: [EncodedCommit], signature: JournalSignature
  ) {
    self.replica = replica
    self.after = after
    self.commits = commits
    self.signature = signature
  }

  /// The point of each commit, in order.
  public func points(in space: SpaceID) -> [JournalPoint] {
    var point = after
    return commits.map { commit in
      point = point.next(space, replica, content: commit.contentHash)
      return point
    }
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 4)
    writer.id(replica)
    writer.object(after)
    writer.list(commits) { $0.object($1) }
    writer.object(signature)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(4, "journal segment")
    replica = try reader.id()
    after = try reader.object()
    commits = try reader.list(max: Self.commitCountMax) { (r) throws(WireError) in
      try r.wholeCommit()
    }
    guard !commits.isEmpty else { throw .unexpected("journal segment") }
    signature = try reader.object()
  }
}
