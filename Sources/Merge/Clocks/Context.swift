/// What an author had seen when writing: the log up to a position.
///
/// In a star, all that a replica knows is the log up to a position plus its own writes, so this pair
/// (with the origin of the commit that carries it) *is* the vector clock; ``VersionVector`` is its
/// expansion (design §4, Clocks).
public struct Context: Hashable, Sendable {
  /// The log's identity: 0 from the start, another number after the server was restored.
  public let incarnation: UInt64
  public let position: Position

  public init(incarnation: UInt64 = 0, position: Position) {
    self.incarnation = incarnation
    self.position = position
  }
}
