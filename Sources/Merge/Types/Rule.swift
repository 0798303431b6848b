/// A conflict rule: how the concurrent values of one field become the value shown (design §4).
public enum Rule: String, CaseIterable, Sendable {
  /// The highest (clock, replica id).
  case latest
  /// One write for each declared writer; the lowest position is shown.
  case once
  /// The highest in the schema's declared order.
  case highest
  /// The lowest in the schema's declared order.
  case lowest
  /// The most restrictive in the declared order; a grant must have seen the revocation it lifts.
  case revokeWins = "revoke_wins"
  /// The sibling whose state comes first in the workflow's declared precedence.
  case workflow
  /// A set whose elements stay when they are added and removed concurrently.
  case addWins = "add_wins"
  /// A set whose elements go when they are added and removed concurrently.
  case removeWins = "remove_wins"
  /// Every sibling; the record is in conflict until somebody chooses.
  case all

  /// Whether a sealed field may have this rule: the server must be able to apply it blind.
  public var maySeal: Bool { self == .latest || self == .once || self == .all }

  /// Whether the field is a set of elements, each a boolean register of its own.
  public var isSet: Bool { self == .addWins || self == .removeWins }
}
