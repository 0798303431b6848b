import Signing

/// A piece of a payload, and its name.
public struct SealedBlob: Sendable {
  public let bytes: [UInt8]
  /// BLAKE2b-256 of ``bytes``.
  public let hash: Digest
}

/// Seals a file's plaintext as it arrives, and cuts the payload into blobs of one size, the last one
/// shorter.
///
/// Holds a few blobs in memory, and hashes them at the same time: hashing takes twice as long as sealing,
/// and one blob's hash is the work of one core.
public final class PayloadCutter {
  public let fileKey: FileKey
  private let sealer: PayloadSealer
  private let blobByteCount: Int
  /// Full ones, and the one that is being filled. Their memory is used again and again.
  private var blobs: [[UInt8]] = []
  private var index = 0

  /// Blobs that are hashed at once.
  private static let countMax = 4

  public init(fileKey: FileKey, random: any RandomSource, blobByteCount: Int) {
    self.fileKey = fileKey
    self.blobByteCount = blobByteCount
    sealer = PayloadSealer(fileKey: fileKey, random: random)
    blobs = Array(repeating: [], count: Self.countMax)
  }

  /// Takes the next bytes of plaintext, and gives `sink` the blobs that are full and named by now.
  public func append<Failure: Error>(
    _ plaintext: UnsafeRawBufferPointer, sink: (SealedBlob) throws(Failure) -> Void
  ) throws(Failure) {
    try sealer.update(plaintext) { (sealed) throws(Failure) in try collect(sealed, sink) }
  }

  /// Ends the payload, and gives `sink` what is left.
  public func finish<Failure: Error>(
    sink: (SealedBlob) throws(Failure) -> Void
  ) throws(Failure) {
    try sealer.finish { (sealed) throws(Failure) in try collect(sealed, sink) }
    try give(blobs[index].isEmpty ? index : index + 1, sink)
  }

  private func collect<Failure: Error>(
    _ sealed: UnsafeRawBufferPointer, _ sink: (SealedBlob) throws(Failure) -> Void
  ) throws(Failure) {
    var rest = sealed
    while !rest.isEmpty {
      let count = min(blobByteCount - blobs[index].count, rest.count)
      blobs[index].append(contentsOf: rest[..<count])
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      guard blobs[index].count == blobByteCount else { continue }
      index += 1
      if index == Self.countMax { try give(index, sink) }
    }
  }

  private func give<Failure: Error>(
    _ count: Int, _ sink: (SealedBlob) throws(Failure) -> Void
  ) throws(Failure) {
    let names = ParallelHashes.contents(Array(blobs[..<count]))
    for index in 0..<count {
      try sink(SealedBlob(bytes: blobs[index], hash: names[index]))
      blobs[index].removeAll(keepingCapacity: true)
    }
    index = 0
  }
}
