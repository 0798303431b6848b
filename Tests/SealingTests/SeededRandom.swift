import Signing
import Synchronization

/// SplitMix64 (Steele, Lea, Flood 2014): the same bytes for the same seed. For tests only.
final class SeededRandom: RandomSource {
  private let state: Mutex<UInt64>

  init(_ seed: UInt64) { state = Mutex(seed) }

  func next() -> UInt64 {
    state.withLock { state in
      state &+= 0x9e37_79b9_7f4a_7c15
      var value = state
      value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
      value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
      return value ^ value >> 31
    }
  }

  func fill(_ buffer: UnsafeMutableRawBufferPointer) {
    var value: UInt64 = 0
    for index in buffer.indices {
      if index.isMultiple(of: 8) { value = next() }
      buffer[index] = UInt8(truncatingIfNeeded: value)
      value >>= 8
    }
  }
}

extension SecretBytes {
  init(_ bytes: [UInt8]) {
    self.init(count: bytes.count)
    withUnsafeMutableBytes { $0.copyBytes(from: bytes) }
  }

  borrowing func array() -> [UInt8] {
    withUnsafeBytes { Array($0) }
  }
}
