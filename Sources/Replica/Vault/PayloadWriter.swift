import Sealing
import Signing

/// Seals a file's plaintext as it arrives, cuts the payload into blobs and stores them.
final class PayloadWriter {
  private let store: BlobStore
  private let aside: BlobsAside
  private let cutter: PayloadCutter
  private var hashes: [Digest] = []

  var fileKey: FileKey { cutter.fileKey }

  /// A payload under a new key.
  init(store: BlobStore, random: any RandomSource) throws {
    self.store = store
    aside = try BlobsAside(store)
    cutter = PayloadCutter(
      fileKey: FileKey(random: random), random: random, blobByteCount: BlobStore.byteCountMax)
  }

  func append(_ plaintext: UnsafeRawBufferPointer) throws {
    try cutter.append(plaintext) { (blob) throws in try self.write(blob) }
  }

  /// Ends the payload.
  ///
  /// - Returns: the blobs, in order; all of them are on the disk.
  func finish() throws -> [Digest] {
    try cutter.finish { (blob) throws in try self.write(blob) }
    try aside.name()
    return hashes
  }

  /// Removes what was stored: nothing names it.
  func discard() throws {
    aside.discard()
    for hash in hashes { try store.remove(hash) }
    hashes = []
  }

  private func write(_ blob: SealedBlob) throws {
    try aside.write(BlobStore.Checked(hash: blob.hash, bytes: blob.bytes))
    hashes.append(blob.hash)
  }
}
