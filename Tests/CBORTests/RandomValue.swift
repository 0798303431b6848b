import CBOR
import TestSupport

extension CBORValue {
  /// Any value of the subset, at most `depth` deep, with lengths and integers around the places
  /// where the head changes its form.
  static func random(depth: Int, using generator: inout SplitMix64) -> CBORValue {
    switch Int.random(in: 0..<(depth == 0 ? 6 : 8), using: &generator) {
    case 0: return .unsigned(randomInteger(using: &generator))
    case 1: return .negative(randomInteger(using: &generator))
    case 2:
      let count = randomCount(using: &generator)
      return .bytes((0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
    case 3: return .text(randomText(using: &generator))
    case 4: return .bool(Bool.random(using: &generator))
    case 5: return .null
    case 6:
      let count = Int.random(in: 0...26, using: &generator)
      return .array((0..<count).map { _ in random(depth: depth - 1, using: &generator) })
    default:
      var entries: [CBORValue: CBORValue] = [:]
      for _ in 0..<Int.random(in: 0...26, using: &generator) {
        let key = random(depth: depth - 1, using: &generator)
        entries[key] = random(depth: depth - 1, using: &generator)
      }
      return .map(CBORMap(entries.map { (key: $0.key, value: $0.value) }))
    }
  }

  private static func randomInteger(using generator: inout SplitMix64) -> UInt64 {
    let edges: [UInt64] = [0, 23, 24, 255, 256, 65_535, 65_536, 1 << 32 - 1, 1 << 32, .max]
    if Bool.random(using: &generator) { return edges.randomElement(using: &generator)! }
    return generator.next() >> UInt64.random(in: 0..<64, using: &generator)
  }

  private static func randomCount(using generator: inout SplitMix64) -> Int {
    [0, 1, 23, 24, 30, 255, 256, 300].randomElement(using: &generator)!
  }

  private static func randomText(using generator: inout SplitMix64) -> String {
    let pieces = ["a", "z", "\0", "ü", "u\u{308}", "水", "\u{10151}", "👩‍👧", "\"\\"]
    let count = Int.random(in: 0...40, using: &generator)
    return (0..<count).map { _ in pieces.randomElement(using: &generator)! }.joined()
  }
}
