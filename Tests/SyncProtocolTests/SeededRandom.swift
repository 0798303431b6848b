import Signing
import Synchronization

/// Seeded randomness for keys and ids: the same in every run. Not for keys outside of tests.
final class SeededRandom: RandomSource {
  private let generator: Mutex<SplitMix64>

  init(seed: UInt64) { generator = Mutex(SplitMix64(seed: seed)) }

  func fill(_ buffer: UnsafeMutableRawBufferPointer) {
    generator.withLock { generator in
      for index in buffer.indices { buffer[index] = UInt8(truncatingIfNeeded: generator.next()) }
    }
  }
}
