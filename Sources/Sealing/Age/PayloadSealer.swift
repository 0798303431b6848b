import Signing

/// Seals a payload as its plaintext arrives, in memory for a few chunks, and several chunks at once
/// where more than one is there.
///
/// Not for use from several threads at once; ``PayloadKey`` is.
public final class PayloadSealer {
  private let key: PayloadKey
  private let buffer = ChunkBuffer(
    collecting: AgePayload.chunkByteCount,
    making: ChunkBatch.countMax * AgePayload.sealedChunkByteCount)
  /// Goes out before the first chunk.
  private let nonce: [UInt8]
  private var index = 0
  private var isFinished = false

  /// A payload under a fresh nonce.
  public init(fileKey: FileKey, random: any RandomSource) {
    nonce = random.bytes(AgePayload.nonceByteCount)
    key = PayloadKey(fileKey: fileKey, nonce: nonce)
  }

  /// Takes the next bytes of plaintext, and gives `sink` what is sealed by now. Throws what `sink`
  /// throws; the payload is void then.
  public func update<Failure: Error>(
    _ plaintext: UnsafeRawBufferPointer, sink: (UnsafeRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) {
    precondition(!isFinished, "the payload is finished")
    var rest = plaintext
    while !rest.isEmpty {
      // A full chunk waits until there is more, because the last one is sealed differently.
      if buffer.isFull {
        try emit(buffer.collected, isLast: false, sink)
        buffer.clear()
      }
      while buffer.collectedByteCount == 0, rest.count > AgePayload.chunkByteCount {
        let count = ChunkBatch.count(of: AgePayload.chunkByteCount, in: rest.count)
        try emitFull(rest, count, sink)
        rest = UnsafeRawBufferPointer(rebasing: rest[(count * AgePayload.chunkByteCount)...])
      }
      buffer.collect(&rest)
    }
  }

  /// Seals the last chunk. Nothing may follow.
  public func finish<Failure: Error>(
    sink: (UnsafeRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) {
    precondition(!isFinished, "the payload is finished")
    isFinished = true
    try emit(buffer.collected, isLast: true, sink)
  }

  private func emit<Failure: Error>(
    _ chunk: UnsafeRawBufferPointer, isLast: Bool,
    _ sink: (UnsafeRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) {
    if index == 0 { try emitNonce(sink) }
    let sealed = buffer.made(chunk.count + AgePayload.tagByteCount)
    key.sealChunk(at: index, isLast: isLast, chunk, into: sealed)
    index += 1
    try sink(UnsafeRawBufferPointer(sealed))
  }

  /// The first `count` chunks of `plaintext`, none of them the last.
  private func emitFull<Failure: Error>(
    _ plaintext: UnsafeRawBufferPointer, _ count: Int,
    _ sink: (UnsafeRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) {
    if index == 0 { try emitNonce(sink) }
    let sealed = buffer.made(count * AgePayload.sealedChunkByteCount)
    let (key, first) = (key, index)
    let input = UnsafeRawBufferPointer(rebasing: plaintext[..<(count * AgePayload.chunkByteCount)])
    _ = ChunkBatch.work(count, from: input, into: sealed) { place, chunk, output in
      key.sealChunk(at: first + place, isLast: false, chunk, into: output)
      return true
    }
    index += count
    try sink(UnsafeRawBufferPointer(sealed))
  }

  private func emitNonce<Failure: Error>(
    _ sink: (UnsafeRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) {
    let nonce = UnsafeMutableRawBufferPointer.allocate(byteCount: nonce.count, alignment: 1)
    defer { nonce.deallocate() }
    nonce.copyBytes(from: self.nonce)
    try sink(UnsafeRawBufferPointer(nonce))
  }
}
