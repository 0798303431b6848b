import Merge

/// A field with more than one standing value: what each says, whose it is, which one is shown and why.
public struct Conflict: Hashable, Sendable {
  public struct Value: Hashable, Sendable {
    /// `A`, `B`, … in the order of the log, own unsent ones last.
    public let letter: String
    public let value: OpenedValue
    public let author: Author
    /// Where it was first written.
    public let origin: Origin
    /// The author's clock, milliseconds since 1970.
    public let timeMilliseconds: UInt64
    /// `nil` while the value waits in this replica's outbox.
    public let position: UInt64?
    public let isShown: Bool
  }

  public let reference: RecordReference
  public let spaceKind: SpaceKind?
  /// A ticket's number, once it has one.
  public let number: Int64?
  /// The register's key: a field, or `field/element`. ``recordKey`` where a deletion is in conflict with
  /// what was written at the same time.
  public let key: String
  /// `nil` of a deletion: ``RecordType/ConcurrentDelete/editWins`` decides.
  public let rule: Rule?
  public let values: [Value]
  /// One sentence: why the one that is shown is shown.
  public let reason: String
  /// How far the log went that it was read from.
  public let logPosition: Position

  /// What decided, in the word of the schemas.
  public var ruleName: String {
    rule?.rawValue ?? RecordType.ConcurrentDelete.editWins.rawValue
  }

  public var shown: Value? { values.first(where: \.isShown) }
}
