import Merge

/// One commit's part in a record's history.
public struct HistoryEntry: Hashable, Sendable {
  /// What became of a write.
  public enum Standing: String, Hashable, Sendable {
    case shown
    /// Stands beside the one that is shown.
    case conflicting
    case overwritten
    /// Never took effect.
    case refused
  }

  public struct Write: Hashable, Sendable {
    public let key: String
    public let value: OpenedValue
    public let standing: Standing
    /// The values that a guarded write was decided on.
    public let shown: [Origin]
  }

  /// `nil` while the commit waits in this replica's outbox.
  public let position: Position?
  /// The place in its author's journal.
  public let journal: Origin
  /// Where it was first written, if it was written anew.
  public let reissueOf: Origin?
  public let author: Author
  public let timeMilliseconds: UInt64
  /// What the author had seen.
  public let context: Context
  public let operation: RecordChange.Operation
  /// In the order of the commit.
  public let writes: [Write]
  public let refusal: Refusal?
  /// The context expanded through the log: how far each journal was known to the author, with the own
  /// one. Only where it was asked for.
  public let clock: VersionVector?
}
