import Sealing
import Signing

/// Opens one version of a file: every blob against its name, the length, the key against the
/// commitment, every chunk against its tag.
struct VersionReader {
  let version: SealedVersion
  let key: FileKey
  let blobs: BlobStore
  /// As people know the file; for errors.
  let name: String

  /// Reads the whole payload and shows nothing of it.
  func verify() throws { try read { _ in } }

  /// Gives `sink` the plaintext. Each piece is authentic when it is given out; that it is all of the
  /// file is known when this has returned.
  ///
  /// - Parameter payload: gets the payload, blob by blob, each before its plaintext.
  /// - Throws: ``ReplicaError/fileAltered(_:)``, ``ReplicaError/fileNotHere(_:)``, what the two throw.
  func read(
    payload: (UnsafeRawBufferPointer) throws -> Void = { _ in },
    sink: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    guard key.matches(version.commitment, context: version.commitmentContext),
      let byteCounts = version.blobByteCounts
    else { throw ReplicaError.fileAltered(name) }
    if byteCounts.count == 1, version.byteCount <= AdditionBatch.fileByteCountMax {
      return try readWhole(byteCounts[0], payload, sink)
    }
    let opener = PayloadOpener(fileKey: key)
    var plaintextByteCount = 0
    func count(_ bytes: UnsafeRawBufferPointer) throws {
      plaintextByteCount += bytes.count
      try sink(bytes)
    }
    do {
      for (hash, byteCount) in zip(version.blobs, byteCounts) {
        let blob = try blobs.read(hash)
        guard blob.count == byteCount else { throw BlobStore.Failure.altered }
        try blob.withUnsafeBytes { blob in
          try payload(blob)
          try opener.update(blob, sink: count)
        }
      }
      try opener.finish(sink: count)
    } catch BlobStore.Failure.missing {
      throw ReplicaError.fileNotHere(name)
    } catch BlobStore.Failure.altered {
      throw ReplicaError.fileAltered(name)
    } catch is AgeError {
      throw ReplicaError.fileAltered(name)
    }
    guard plaintextByteCount == version.byteCount else { throw ReplicaError.fileAltered(name) }
  }

  /// A small file in one piece.
  private func readWhole(
    _ byteCount: Int, _ payload: (UnsafeRawBufferPointer) throws -> Void,
    _ sink: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let blob: [UInt8]
    do {
      blob = try blobs.read(version.blobs[0])
    } catch BlobStore.Failure.missing {
      throw ReplicaError.fileNotHere(name)
    } catch BlobStore.Failure.altered {
      throw ReplicaError.fileAltered(name)
    }
    let plaintext = WipedBuffer(byteCount: version.byteCount)
    try blob.withUnsafeBytes { blob in
      guard blob.count == byteCount, WholePayload.open(blob, fileKey: key, into: plaintext.bytes)
      else { throw ReplicaError.fileAltered(name) }
      try payload(blob)
    }
    try sink(UnsafeRawBufferPointer(plaintext.bytes))
  }
}
