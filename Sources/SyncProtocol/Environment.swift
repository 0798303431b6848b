import Signing

/// Time and randomness, handed in so that a simulation can own them.
public struct Environment: Sendable {
  /// Milliseconds since 1970-01-01T00:00:00Z.
  public let nowMilliseconds: @Sendable () -> UInt64
  public let random: any RandomSource

  public init(nowMilliseconds: @escaping @Sendable () -> UInt64, random: any RandomSource) {
    self.nowMilliseconds = nowMilliseconds
    self.random = random
  }
}
