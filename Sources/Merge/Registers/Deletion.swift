/// One deletion of a record; its value is its context: what the deleter had seen.
public struct Deletion: Hashable, Sendable {
  public let position: Position
  public let authorship: Authorship
  public let seen: Seen

  public init(position: Position, authorship: Authorship, seen: Seen) {
    self.position = position
    self.authorship = authorship
    self.seen = seen
  }

  public init(position: Position, authorship: Authorship, seen: Position) {
    self.init(position: position, authorship: authorship, seen: Seen(upTo: seen))
  }

  /// Whether the deleter had seen the value, or had written it.
  public func covers(_ sibling: Sibling) -> Bool {
    Register.isOverwritten(sibling, by: authorship.origin, seen: seen)
  }
}
