/// A record: a UUIDv7 (RFC 9562 §5.7). Time-ordered ids insert an order of magnitude faster than
/// random ones.
public struct RecordID: Identifier {
  public let storage: Bytes16

  public init(storage: Bytes16) { self.storage = storage }
}
