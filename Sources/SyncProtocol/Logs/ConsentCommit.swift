import Merge
import Signing

/// An accepted commit of an assignment, as an engagement's log names it.
public struct ConsentCommit: Sendable {
  public let commit: Commit
  /// Where it stands in the assignment's log now, who wrote it, and what they had seen there.
  public let stamp: CommitStamp
  /// The hash of its entry as it was first accepted.
  public let entryHash: Digest

  public init(commit: Commit, stamp: CommitStamp, entryHash: Digest) {
    self.commit = commit
    self.stamp = stamp
    self.entryHash = entryHash
  }
}
