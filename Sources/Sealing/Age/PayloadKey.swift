import Signing

/// The key of one age payload, and the chunks it seals: `HKDF(file key, nonce, "payload")`.
///
/// Its methods are pure functions of the key, the index and the bytes, so chunks can be sealed and
/// opened in any order and in parallel. Whoever opens some chunks only knows that each is authentic
/// for its place; that the payload is whole is known once the last one is open.
public final class PayloadKey: Sendable {
  private let secret: SecretBytes

  /// `nonce` is the payload's first 16 bytes; another size is a bug in the caller.
  public init(fileKey: FileKey, nonce: [UInt8]) {
    precondition(nonce.count == AgePayload.nonceByteCount, "a payload's nonce has 16 bytes")
    secret = fileKey.withBytes { fileKey in
      fileKey.withUnsafeBytes { HKDF.derive(secret: $0, salt: nonce, info: "payload") }
    }
  }

  /// Writes the sealed chunk into `output`, which has 16 bytes more than `plaintext`.
  ///
  /// A chunk that is not the last is full, and the last is empty only at index 0. A place is sealed
  /// once: two contents for one place under one key give both away.
  public func sealChunk(
    at index: Int, isLast: Bool, _ plaintext: UnsafeRawBufferPointer,
    into output: UnsafeMutableRawBufferPointer
  ) {
    precondition(plaintext.count <= AgePayload.chunkByteCount, "a chunk has at most 64 KiB")
    precondition(
      isLast ? index == 0 || !plaintext.isEmpty : plaintext.count == AgePayload.chunkByteCount,
      "only the last chunk is not full, and no chunk after the first is empty")
    secret.withUnsafeBytes { key in
      Self.withNonce(index, isLast) { nonce in
        ChaCha20Poly1305.seal(plaintext, key: key, nonce: nonce, into: output)
      }
    }
  }

  /// Works with a payload's key for as long as one call: for payloads that are sealed or opened in one
  /// piece, because memory of its own costs several system calls.
  static func withKey<Result>(
    _ fileKey: FileKey, nonce: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Result
  ) -> Result {
    withWipedMemory(byteCount: 32) { key in
      fileKey.withBytes { fileKey in
        fileKey.withUnsafeBytes { fileKey in
          Array("payload".utf8).withUnsafeBytes {
            HKDF.derive(secret: fileKey, salt: nonce, info: $0, into: key)
          }
        }
      }
      return body(UnsafeRawBufferPointer(key))
    }
  }

  /// Writes the chunk's plaintext into `output`, which has 16 bytes less than `sealed`. `false`,
  /// and no plaintext, unless the chunk is authentic for its place and of a size that fits it.
  public func openChunk(
    at index: Int, isLast: Bool, _ sealed: UnsafeRawBufferPointer,
    into output: UnsafeMutableRawBufferPointer
  ) -> Bool {
    let byteCount = sealed.count - AgePayload.tagByteCount
    guard (0...AgePayload.chunkByteCount).contains(byteCount), output.count == byteCount,
      isLast ? index == 0 || byteCount > 0 : byteCount == AgePayload.chunkByteCount
    else { return false }
    return Self.withNonce(index, isLast) { nonce in
      secret.withUnsafeBytes { key in
        ChaCha20Poly1305.open(sealed, key: key, nonce: nonce, into: output)
      }
    }
  }

  /// Eleven bytes of counter, the most significant first, and one that says whether it is the last.
  static func withNonce<Result>(
    _ index: Int, _ isLast: Bool, _ body: (UnsafeRawBufferPointer) -> Result
  ) -> Result {
    precondition(index >= 0, "a chunk's index")
    return withUnsafeTemporaryAllocation(
      byteCount: ChaCha20Poly1305.nonceByteCount, alignment: 8
    ) { nonce in
      nonce.initializeMemory(as: UInt8.self, repeating: 0)
      nonce.storeBytes(of: UInt64(index).bigEndian, toByteOffset: 3, as: UInt64.self)
      nonce[11] = isLast ? 1 : 0
      return body(UnsafeRawBufferPointer(nonce))
    }
  }
}
