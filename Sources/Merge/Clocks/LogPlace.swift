/// A place in one incarnation of a space's log.
public struct LogPlace: Hashable, Sendable {
  public let incarnation: UInt64
  public let position: Position

  public init(incarnation: UInt64, position: Position) {
    self.incarnation = incarnation
    self.position = position
  }
}
