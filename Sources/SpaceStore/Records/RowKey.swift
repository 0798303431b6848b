import Merge

/// Which row: a record of a type in a space.
public struct RowKey: Hashable, Comparable, Sendable {
  /// The space's number in this database.
  public let space: Int64
  public let type: String
  public let record: RecordID

  public init(space: Int64, type: String, record: RecordID) {
    self.space = space
    self.type = type
    self.record = record
  }

  public static func < (left: Self, right: Self) -> Bool {
    (left.space, left.type, left.record) < (right.space, right.type, right.record)
  }
}
