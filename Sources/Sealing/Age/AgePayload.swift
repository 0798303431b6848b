/// The sizes of an age payload: a nonce, then chunks of 64 KiB, each sealed for its place
/// (age-encryption.org/v1, "Payload").
///
/// Only the last chunk is shorter than 64 KiB, and empty only if there is no other. So the number
/// of chunks and every chunk's place follow from the plaintext's length.
public enum AgePayload {
  public static let nonceByteCount = 16
  /// A full chunk's plaintext.
  public static let chunkByteCount = 64 * 1024
  /// A full chunk with its tag.
  public static let sealedChunkByteCount = chunkByteCount + tagByteCount

  static let tagByteCount = ChaCha20Poly1305.tagByteCount
  /// Beyond any disk, and far enough from `Int.max` for every sum here.
  private static let byteCountLimit = Int.max / 4

  /// How many chunks a plaintext has; at least one.
  public static func chunkCount(plaintextByteCount: Int) -> Int {
    precondition((0...byteCountLimit).contains(plaintextByteCount), "a length out of range")
    return max(1, (plaintextByteCount + chunkByteCount - 1) / chunkByteCount)
  }

  /// How many bytes the payload of a plaintext has, nonce included.
  public static func payloadByteCount(plaintextByteCount: Int) -> Int {
    nonceByteCount + plaintextByteCount
      + chunkCount(plaintextByteCount: plaintextByteCount) * tagByteCount
  }

  /// How many bytes of plaintext a payload has, or `nil` if no payload has that length.
  public static func plaintextByteCount(payloadByteCount: Int) -> Int? {
    guard (0...byteCountLimit).contains(payloadByteCount) else { return nil }
    let sealed = payloadByteCount - nonceByteCount
    guard sealed >= tagByteCount else { return nil }
    let chunkCount = (sealed + sealedChunkByteCount - 1) / sealedChunkByteCount
    let plaintext = sealed - chunkCount * tagByteCount
    let isPossible = plaintext >= 0 && self.chunkCount(plaintextByteCount: plaintext) == chunkCount
    return isPossible ? plaintext : nil
  }

  /// Where in the payload the chunk at `index` lies, or `nil` if there is no such chunk or no
  /// payload of that length.
  public static func range(ofChunk index: Int, payloadByteCount: Int) -> Range<Int>? {
    guard let plaintext = plaintextByteCount(payloadByteCount: payloadByteCount),
      (0..<chunkCount(plaintextByteCount: plaintext)).contains(index)
    else { return nil }
    let start = nonceByteCount + index * sealedChunkByteCount
    return start..<min(start + sealedChunkByteCount, payloadByteCount)
  }
}
