import Signing
import Synchronization

/// A seeded generator (Steele, Lea, Flood, 2014), so that a failing run can be run again.
package struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  /// Randomness of one step of a run: that of neighbouring seeds and steps has nothing in common.
  package init(seed: UInt64, step: Int) {
    var mixed = SplitMix64(seed: seed)
    mixed = SplitMix64(seed: mixed.next() ^ UInt64(step))
    state = mixed.next()
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
    return value ^ (value >> 31)
  }

  /// True once in `count` times.
  package mutating func oneIn(_ count: Int) -> Bool { below(count) == 0 }

  /// A number from 0 up to, and without, `count`.
  package mutating func below(_ count: Int) -> Int {
    precondition(count > 0)
    return Int(next() % UInt64(count))
  }

  package mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[below(elements.count)]
  }

  /// Each as often as its weight says.
  mutating func pickWeighted<Element: Weighted>(_ elements: [Element]) -> Element {
    var number = below(elements.reduce(0) { $0 + $1.weight })
    for element in elements {
      number -= element.weight
      if number < 0 { return element }
    }
    preconditionFailure("weights add up")
  }
}

/// One of several things that happen more or less often.
protocol Weighted: Sendable {
  /// How often, against the others.
  var weight: Int { get }
}

/// Seeded randomness for keys and ids: the same in every run. Not for keys outside of tests.
package final class SeededRandom: RandomSource {
  private let generator: Mutex<SplitMix64>
  private let seed: UInt64
  private let isStuck = Atomic<Bool>(false)

  package init(seed: UInt64) {
    self.seed = seed
    generator = Mutex(SplitMix64(seed: seed))
  }

  /// From now on what the step gives, whatever was drawn before it.
  func begin(step: Int) {
    let step = repeats ? 0 : step
    generator.withLock { $0 = SplitMix64(seed: ~seed, step: step) }
  }

  /// Whether every step gets the same; a planted bug.
  var repeats: Bool {
    get { isStuck.load(ordering: .relaxed) }
    set { isStuck.store(newValue, ordering: .relaxed) }
  }

  package func fill(_ buffer: UnsafeMutableRawBufferPointer) {
    generator.withLock { generator in
      for index in buffer.indices { buffer[index] = UInt8(truncatingIfNeeded: generator.next()) }
    }
  }
}
