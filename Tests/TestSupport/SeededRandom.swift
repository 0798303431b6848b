import Signing
import Synchronization

/// Seeded randomness for keys and ids: the same in every run. Not for keys outside of tests.
public final class SeededRandom: RandomSource {
  private let generator: Mutex<SplitMix64>

  public init(seed: UInt64) { generator = Mutex(SplitMix64(seed: seed)) }

  public func next() -> UInt64 { generator.withLock { $0.next() } }

  public func fill(_ buffer: UnsafeMutableRawBufferPointer) {
    generator.withLock { generator in
      var word: UInt64 = 0
      for index in buffer.indices {
        if index.isMultiple(of: 8) { word = generator.next() }
        buffer[index] = UInt8(truncatingIfNeeded: word)
        word >>= 8
      }
    }
  }
}
