/// A space: a UUIDv7, or the first 16 bytes of a hash of what it belongs to (see docs/protocol.md
/// §3).
public struct SpaceID: Identifier {
  public let storage: Bytes16

  public init(storage: Bytes16) { self.storage = storage }
}
