import CBOR

/// Who wrote a value and when; looked up by log position only where it decides something.
public struct Authorship: Hashable, Sendable {
  public let origin: Origin
  public let time: HybridTime

  public init(origin: Origin, time: HybridTime) {
    self.origin = origin
    self.time = time
  }
}

/// One of the concurrent values of a field.
public struct Sibling: Hashable, Sendable {
  /// Where in the log its commit stands, or its pending place.
  public let position: Position
  public let authorship: Authorship
  /// `null` where the field was cleared.
  public let value: CBORValue

  public init(position: Position, authorship: Authorship, value: CBORValue) {
    self.position = position
    self.authorship = authorship
    self.value = value
  }
}
