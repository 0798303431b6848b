import Signing

/// Opens a payload as its bytes arrive, in memory for a few chunks. Every chunk is verified before
/// its plaintext is given out.
///
/// What was given out is a true beginning of the plaintext. That it is all of it is known when
/// ``finish(sink:)`` has returned.
public final class PayloadOpener {
  private typealias Sink = (UnsafeRawBufferPointer) throws -> Void

  private let fileKey: FileKey
  private let buffer = ChunkBuffer(
    collecting: AgePayload.sealedChunkByteCount,
    making: ChunkBatch.countMax * AgePayload.chunkByteCount)
  private var nonce: [UInt8] = []
  private var key: PayloadKey?
  private var index = 0
  private var failure: AgeError?

  public init(fileKey: FileKey) {
    self.fileKey = fileKey
    nonce.reserveCapacity(AgePayload.nonceByteCount)
  }

  /// Takes the next bytes of the payload, and gives `sink` the chunks that are known not to be the
  /// last.
  ///
  /// Throws `AgeError.payloadAltered`, now and from then on, or what `sink` throws.
  public func update(
    _ bytes: UnsafeRawBufferPointer, sink: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    if let failure { throw failure }
    var rest = bytes
    guard let key = takeNonce(&rest) else { return }
    while !rest.isEmpty {
      // A full chunk waits until there is more, because the last one is opened differently.
      if buffer.isFull {
        try openInner(buffer.collected, 1, key, sink)
        buffer.clear()
      }
      while buffer.collectedByteCount == 0, rest.count > AgePayload.sealedChunkByteCount {
        let count = ChunkBatch.count(of: AgePayload.sealedChunkByteCount, in: rest.count)
        try openInner(rest, count, key, sink)
        rest = UnsafeRawBufferPointer(rebasing: rest[(count * AgePayload.sealedChunkByteCount)...])
      }
      buffer.collect(&rest)
    }
  }

  /// Opens the last chunk: the payload is whole.
  ///
  /// Throws `AgeError.payloadTruncated` if the payload ends before a chunk that says it is the last
  /// (a cut inside a chunk cannot be told from an altered one), `payloadAltered`, `headerMalformed`
  /// if not even the nonce was there, or what `sink` throws.
  public func finish(sink: (UnsafeRawBufferPointer) throws -> Void) throws {
    if let failure { throw failure }
    guard let key else { throw fail(.headerMalformed) }
    let chunk = buffer.collected
    guard chunk.count >= AgePayload.tagByteCount else { throw fail(.payloadTruncated) }
    if try open(chunk, key, isLast: true, sink) {
      // Nothing may follow, neither bytes nor a second end.
      failure = .payloadAltered
      return
    }
    guard try open(chunk, key, isLast: false, sink) else { throw fail(.payloadAltered) }
    throw fail(.payloadTruncated)
  }

  private func takeNonce(_ bytes: inout UnsafeRawBufferPointer) -> PayloadKey? {
    if let key { return key }
    let count = min(AgePayload.nonceByteCount - nonce.count, bytes.count)
    nonce.append(contentsOf: bytes[..<count])
    bytes = UnsafeRawBufferPointer(rebasing: bytes[count...])
    guard nonce.count == AgePayload.nonceByteCount else { return nil }
    key = PayloadKey(fileKey: fileKey, nonce: nonce)
    return key
  }

  /// The first `count` chunks of `sealed`: full ones that more bytes follow.
  private func openInner(
    _ sealed: UnsafeRawBufferPointer, _ count: Int, _ key: PayloadKey, _ sink: Sink
  ) throws {
    let plaintext = buffer.made(count * AgePayload.chunkByteCount)
    let first = index
    let input = UnsafeRawBufferPointer(
      rebasing: sealed[..<(count * AgePayload.sealedChunkByteCount)])
    let openCount = ChunkBatch.work(count, from: input, into: plaintext) { place, chunk, output in
      key.openChunk(at: first + place, isLast: false, chunk, into: output)
    }
    index += openCount
    // What lies behind a chunk that did not open is not given out, authentic or not.
    if openCount > 0 {
      try sink(
        UnsafeRawBufferPointer(rebasing: plaintext[..<(openCount * AgePayload.chunkByteCount)]))
    }
    guard openCount < count else { return }
    // An authentic last chunk with something behind it is still a part of the plaintext.
    let chunk = input[(openCount * AgePayload.sealedChunkByteCount)...]
      .prefix(AgePayload.sealedChunkByteCount)
    _ = try open(UnsafeRawBufferPointer(rebasing: chunk), key, isLast: true, sink)
    throw fail(.payloadAltered)
  }

  private func open(
    _ chunk: UnsafeRawBufferPointer, _ key: PayloadKey, isLast: Bool, _ sink: Sink
  ) throws -> Bool {
    let plaintext = buffer.made(chunk.count - AgePayload.tagByteCount)
    guard key.openChunk(at: index, isLast: isLast, chunk, into: plaintext) else { return false }
    index += 1
    try sink(UnsafeRawBufferPointer(plaintext))
    return true
  }

  private func fail(_ error: AgeError) -> AgeError {
    failure = error
    return error
  }
}
