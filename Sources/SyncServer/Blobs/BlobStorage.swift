import Merge
import Signing

/// Which blob: owned by a vault, never known by its hash alone.
public struct BlobName: Hashable, Comparable, Sendable {
  public let space: SpaceID
  /// BLAKE2b-256 of the bytes.
  public let hash: Digest

  public init(space: SpaceID, hash: Digest) {
    self.space = space
    self.hash = hash
  }

  public static func < (left: BlobName, right: BlobName) -> Bool {
    (left.space, left.hash) < (right.space, right.hash)
  }
}

/// A blob on its way to where it lies.
public struct StoredBlob: Sendable {
  public let name: BlobName
  public let bytes: [UInt8]

  public init(name: BlobName, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }
}

/// Where blobs lie. Called from several threads at once, without the server's lock.
public protocol BlobStorage: Sendable {
  /// Stores a blob; it is durable when this returns. Storing one that is there changes nothing.
  func store(_ bytes: [UInt8], _ name: BlobName) throws(ServerError)
  /// Stores blobs; all are durable when this returns. Where it fails, some may be there.
  func store(_ blobs: [StoredBlob]) throws(ServerError)
  /// `nil` where there is none.
  func bytes(_ name: BlobName) throws(ServerError) -> [UInt8]?
  func remove(_ name: BlobName) throws(ServerError)
  /// All that is stored, sorted.
  func names() throws(ServerError) -> [BlobName]
}
