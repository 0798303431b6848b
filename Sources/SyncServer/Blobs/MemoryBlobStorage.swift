/// Blobs in memory: for simulations and tests.
public final class MemoryBlobStorage: BlobStorage {
  private let blobs = Guarded<[BlobName: [UInt8]]>([:])

  public init() {}

  public func store(_ bytes: [UInt8], _ name: BlobName) { blobs.withLock { $0[name] = bytes } }

  public func store(_ blobs: [StoredBlob]) { for blob in blobs { store(blob.bytes, blob.name) } }

  public func bytes(_ name: BlobName) -> [UInt8]? { blobs.withLock { $0[name] } }

  public func remove(_ name: BlobName) { blobs.withLock { $0[name] = nil } }

  public func names() -> [BlobName] { blobs.withLock { $0.keys.sorted() } }
}
