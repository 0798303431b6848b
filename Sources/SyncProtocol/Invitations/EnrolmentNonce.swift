import Merge

/// What one of two devices adds to the short code at random, so that nobody can choose the code.
public struct EnrolmentNonce: Identifier {
  public let storage: Bytes32

  public init(storage: Bytes32) { self.storage = storage }
}
