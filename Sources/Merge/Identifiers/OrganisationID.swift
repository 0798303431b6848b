/// An organisation: the hash of the first statement of its chain.
public struct OrganisationID: Identifier {
  public let storage: Bytes32

  public init(storage: Bytes32) { self.storage = storage }
}
