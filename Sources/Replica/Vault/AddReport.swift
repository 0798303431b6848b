import Merge

/// What came of adding files to the vault.
public struct AddReport: Sendable {
  public enum Outcome: String, Sendable {
    /// A new file.
    case added
    /// A new version of a file that was there.
    case updated
    /// The same content as the version that was there.
    case unchanged
  }

  public struct Item: Sendable {
    /// On the disk.
    public let source: String
    /// In the vault.
    public internal(set) var path: String
    public let outcome: Outcome
    public let byteCount: Int
    /// How many people the new version was passed on to, because the file is shared with them.
    public internal(set) var shareCount: Int
  }

  public struct Problem: Hashable, Sendable {
    public let source: String
    public let error: ReplicaError
  }

  public internal(set) var items: [Item] = []
  /// What was left out, and why. Nothing of these files stays.
  public internal(set) var problems: [Problem] = []
}

/// How far long work is: bytes, and bytes in all.
public typealias ByteProgress = (_ done: UInt64, _ total: UInt64) -> Void
