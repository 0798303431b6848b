/// An account: the hash of the first statement of its chain.
public struct AccountID: Identifier {
  public let storage: Bytes32

  public init(storage: Bytes32) { self.storage = storage }
}
