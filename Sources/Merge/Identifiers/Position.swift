/// An index in a space's log; the first entry is 1, and 0 is before everything.
///
/// A replica's own unsent commits have no position yet. They are kept in the same word, above every
/// real position, so that "known to be in the log" stays one comparison.
public struct Position: Hashable, Comparable, Sendable {
  /// Real positions are below this.
  public static let countMax: UInt64 = 1 << 62
  /// Before the first entry.
  public static let zero = Position(0)

  public let rawValue: UInt64

  /// A real position.
  public init(_ rawValue: UInt64) {
    precondition(rawValue < Self.countMax, "positions stay below 2^62")
    self.rawValue = rawValue
  }

  private init(unchecked rawValue: UInt64) { self.rawValue = rawValue }

  /// The place of this replica's own commit `sequence`, until the log gives it a position.
  public static func pending(sequence: UInt64) -> Position {
    precondition(sequence < countMax, "sequences stay below 2^62")
    return Position(unchecked: countMax + sequence)
  }

  /// A position as stored: real or pending. `nil` when it is neither.
  public init?(stored rawValue: UInt64) {
    guard rawValue < 2 * Self.countMax else { return nil }
    self.rawValue = rawValue
  }

  /// The sequence of an own unsent commit; `nil` for a real position.
  public var pendingSequence: UInt64? {
    rawValue >= Self.countMax ? rawValue - Self.countMax : nil
  }

  public var next: Position { Position(rawValue + 1) }

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
