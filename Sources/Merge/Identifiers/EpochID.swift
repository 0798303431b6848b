/// An epoch of a space's key: the hash of its statement.
public struct EpochID: Identifier {
  public let storage: Bytes32

  public init(storage: Bytes32) { self.storage = storage }
}
