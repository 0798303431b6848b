import CSodium
import Foundation

/// What libsodium's functions do by themselves, on all cores at once.
enum Primitives {
  private static let chunkByteCount = 64 << 10

  /// GB/s of ChaCha20-Poly1305 in pieces of 64 KiB.
  static func sealing(_ byteCount: Int, coreCount: Int) -> Double {
    rate(byteCount, coreCount) { count in
      let input = [UInt8](repeating: 7, count: chunkByteCount)
      var output = [UInt8](repeating: 0, count: chunkByteCount + 16)
      let (key, nonce) = ([UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 12))
      for _ in 0..<count {
        crypto_aead_chacha20poly1305_ietf_encrypt(
          &output, nil, input, UInt64(input.count), nil, 0, nil, nonce, key)
      }
    }
  }

  /// GB/s of BLAKE2b-256, in pieces of 8 MiB.
  static func hashing(_ byteCount: Int, coreCount: Int) -> Double {
    rate(byteCount, coreCount, pieceByteCount: 8 << 20) { count in
      let input = [UInt8](repeating: 7, count: 8 << 20)
      var output = [UInt8](repeating: 0, count: 32)
      for _ in 0..<count {
        crypto_generichash(&output, 32, input, UInt64(input.count), nil, 0)
      }
    }
  }

  private static func rate(
    _ byteCount: Int, _ coreCount: Int, pieceByteCount: Int = chunkByteCount,
    _ work: @Sendable (_ pieceCount: Int) -> Void
  ) -> Double {
    let count = max(1, byteCount / pieceByteCount / coreCount)
    let seconds = Bench.seconds {
      DispatchQueue.concurrentPerform(iterations: coreCount) { _ in work(count) }
    }
    return Double(count * coreCount * pieceByteCount) / seconds / 1e9
  }
}
