import Sealing
import Signing

/// Seals a file's plaintext as it arrives, cuts the payload into blobs and stores them. Holds one
/// blob in memory.
final class PayloadWriter {
  let fileKey: FileKey
  private let store: BlobStore
  private let sealer: PayloadSealer
  private var buffer: [UInt8] = []
  private var stored: [Digest] = []

  /// A payload under a new key.
  init(store: BlobStore, random: any RandomSource) {
    self.store = store
    fileKey = FileKey(random: random)
    sealer = PayloadSealer(fileKey: fileKey, random: random)
  }

  func append(_ plaintext: UnsafeRawBufferPointer) throws {
    try sealer.update(plaintext) { (sealed) throws in try self.collect(sealed) }
  }

  /// Ends the payload.
  ///
  /// - Returns: the blobs, in order; all of them are on the disk.
  func finish() throws -> [Digest] {
    try sealer.finish { (sealed) throws in try self.collect(sealed) }
    if !buffer.isEmpty { try storeBuffer() }
    return stored
  }

  /// Removes what was stored: nothing names it.
  func discard() throws {
    for hash in stored { try store.remove(hash) }
    stored = []
  }

  private func collect(_ sealed: UnsafeRawBufferPointer) throws {
    var rest = sealed
    while !rest.isEmpty {
      let count = min(BlobStore.byteCountMax - buffer.count, rest.count)
      buffer.append(contentsOf: rest[..<count])
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      if buffer.count == BlobStore.byteCountMax { try storeBuffer() }
    }
  }

  private func storeBuffer() throws {
    stored.append(try buffer.withUnsafeBytes { try store.store($0) })
    buffer.removeAll(keepingCapacity: true)
  }
}
