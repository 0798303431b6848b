import SyncProtocol

/// What a server answered before the answer that it alters now.
struct Earlier {
  private(set) var wrap: [UInt8]?
  private(set) var blob: [UInt8]?
  /// Of a request that needs a session.
  private(set) var answer: [UInt8]?

  mutating func note(_ request: Request, _ bytes: [UInt8]) {
    guard request.token != nil else { return }
    if request.isForBlob {
      blob = bytes
      return
    }
    answer = bytes
    guard request.path == Path.wrapsFetch else { return }
    do {
      let wraps = try WrapsFetchResponse(decoding: bytes).wraps
      wrap = wraps.compactMap { $0 }.last ?? wrap
    } catch {
      preconditionFailure("an honest answer can be read: \(error)")
    }
  }
}

extension Request {
  fileprivate var isForBlob: Bool { method == .get && path.contains("/blobs/") }
}

/// Lies about objects, and with the answers to other requests.
extension LyingServer {
  func alter(
    _ lie: Lie, _ request: Request, _ bytes: [UInt8], _ earlier: Earlier
  ) throws -> Response? {
    if request.token != nil, lie == .saidRevoked { return .failure(.deviceRevoked) }
    if request.isForBlob { return alter(lie, blob: bytes, earlier).map { .success($0) } }
    if request.path == Path.blobsFetch {
      let blobs = try BlobsFetchResponse(decoding: bytes).blobs
      // Each is given the next one's.
      let others = Array(blobs.dropFirst()) + [blobs.first ?? nil]
      let altered = zip(blobs, others).map { blob, other in
        lie == .exchangedBlobs ? other : blob.map { alter(lie, blob: $0, earlier) ?? $0 }
      }
      if altered != blobs { return .success(BlobsFetchResponse(blobs: altered).encoded) }
    }
    if request.token != nil, lie == .crossedAnswers { return earlier.answer.map { .success($0) } }
    guard request.path == Path.wrapsFetch else { return nil }
    return try alter(lie, wraps: WrapsFetchResponse(decoding: bytes).wraps, earlier)
      .map { .success(WrapsFetchResponse(wraps: $0).encoded) }
  }

  private func alter(
    _ lie: Lie, wraps: [[UInt8]?], _ earlier: Earlier
  ) -> [[UInt8]?]? {
    switch lie {
    case .swappedWraps:
      return wraps.map { wrap in
        wrap.map { $0.dropLast() + [($0.last ?? 0) ^ 1] }
      }
    case .exchangedWraps:
      // Each is given the next one's, and the last one an earlier one.
      let others = Array(wraps.dropFirst()) + [earlier.wrap ?? wraps.first ?? nil]
      return zip(wraps, others).map { $0 == nil ? nil : $1 }
    default: return nil
    }
  }

  private func alter(_ lie: Lie, blob: [UInt8], _ earlier: Earlier) -> [UInt8]? {
    // An age payload: a nonce, then chunks with their tags (docs/protocol.md §11.1).
    let (nonce, chunk) = (16, 64 * 1024 + 16)
    let chunks = stride(from: nonce, to: blob.count, by: chunk).map {
      blob[$0..<min($0 + chunk, blob.count)]
    }
    let start = blob.prefix(nonce)
    switch lie {
    case .swappedBlobs: return blob.last.map { blob.dropLast() + [$0 ^ 1] }
    case .exchangedBlobs: return earlier.blob
    case .cutBlobs: return blob.count > chunk ? Array(start + chunks[0]) : blob.dropLast()
    case .lengthenedBlobs: return blob + (chunks.last ?? [])
    case .reorderedChunks: return Array(start + chunks.reversed().joined())
    case .repeatedChunk: return Array(start + (chunks.prefix(1) + chunks).joined())
    default: return nil
    }
  }
}
