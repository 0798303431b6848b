import CBOR
import Merge

/// A key's generation at the end of a message: the first one, 0, is left out.
extension CBORWriter {
  mutating func laterGeneration(_ generation: UInt64) {
    if generation > 0 { unsigned(generation) }
  }
}

extension WireReader {
  static let generationMax: UInt64 = 1 << 32

  mutating func laterGeneration(_ isPresent: Bool) throws(WireError) -> UInt64 {
    guard isPresent else { return 0 }
    let generation = try unsigned(max: Self.generationMax, "key generation")
    guard generation > 0 else { throw .unexpected("key generation") }
    return generation
  }

  /// An array whose last fields may be left out.
  mutating func fields(_ range: ClosedRange<Int>, _ name: String) throws(WireError) -> Int {
    let count = try array(max: range.upperBound)
    guard range.contains(count) else { throw .unexpected(name) }
    return count
  }
}
