import Signing

/// Blobs that are written aside, made durable all at once, and then get their names. What was not named
/// goes with the last reference.
final class BlobsAside {
  private let store: BlobStore
  /// Opened before anything is written: a write that fails later is told when it is made durable.
  private let fileSystem: OpenFile
  private var written: [(path: String, hash: Digest)] = []

  init(_ store: BlobStore) throws {
    self.store = store
    fileSystem = try store.fileSystem()
  }

  deinit { discard() }

  /// Removes what has no name.
  func discard() {
    // What cannot be removed here goes when the home is opened next.
    for blob in written { DiskFolder.removeIfPossible(file: blob.path) }
    written = []
  }

  func write(_ blob: BlobStore.Checked) throws {
    precondition(blob.bytes.count <= BlobStore.byteCountMax, "a blob has at most 8 MiB")
    let (path, file) = try store.createTemporary()
    written.append((path, blob.hash))
    try blob.bytes.withUnsafeBytes(file.write)
    // Small ones are as quick together.
    if blob.bytes.count > Self.smallByteCount { file.beginWriting() }
  }

  private static var smallByteCount: Int { 1 << 20 }

  /// Gives the blobs their names, once they are durable. The names are durable, too, when this returns;
  /// where it fails, some blobs may have theirs.
  func name() throws {
    try fileSystem.synchronizeFileSystem()
    while let blob = written.last {
      try store.name(blob.path, as: blob.hash)
      written.removeLast()
    }
    try fileSystem.synchronizeFileSystem()
  }
}
