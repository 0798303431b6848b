/// A record type as pinned: the hash of its schema file.
public struct SchemaID: Identifier {
  public let storage: Bytes32

  public init(storage: Bytes32) { self.storage = storage }
}
