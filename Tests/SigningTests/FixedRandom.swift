import Signing

/// Fills every buffer with the same bytes, over and over.
struct FixedRandom: RandomSource {
  let pattern: [UInt8]

  func fill(_ buffer: UnsafeMutableRawBufferPointer) {
    for index in buffer.indices { buffer[index] = pattern[index % pattern.count] }
  }
}
