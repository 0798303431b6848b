/// A device: the first 16 bytes of the BLAKE2b-256 hash of its Ed25519 identity key, so the key
/// proves the id.
public struct DeviceID: Identifier {
  public let storage: Bytes16

  public init(storage: Bytes16) { self.storage = storage }
}
