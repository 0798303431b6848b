import Merge
import TestSupport
import Testing

struct HybridClockTests {
  private let longest: UInt64 = (1 << 48) - 1

  @Test func readingsPackMillisecondsBeforeCounter() {
    let time = HybridTime(milliseconds: 0x1234_5678_9abc, counter: 0xdef0)
    #expect(time.rawValue == 0x1234_5678_9abc_def0)
    #expect(time.milliseconds == 0x1234_5678_9abc)
    #expect(time.counter == 0xdef0)
    #expect(time < HybridTime(milliseconds: 0x1234_5678_9abd, counter: 0))
  }

  @Test(arguments: 0..<20) func neverGoesBackWhateverTheWallClockDoes(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var clock = HybridClock()
    var now: UInt64 = 1_700_000_000_000
    for _ in 0..<500 {
      switch Int.random(in: 0..<4, using: &random) {
      case 0: now += UInt64.random(in: 0...2000, using: &random)
      case 1: now -= UInt64.random(in: 0...100_000, using: &random)
      case 2:
        let seen = HybridTime(milliseconds: now + 100_000, counter: 7)
        clock.observe(seen, nowMilliseconds: now)
        #expect(clock.last >= seen)
      default: break
      }
      let before = clock.last
      #expect(clock.tick(nowMilliseconds: now) > before)
    }
  }

  @Test func followsAWallClockThatIsAhead() {
    var clock = HybridClock(last: HybridTime(milliseconds: 10, counter: 5))
    #expect(clock.tick(nowMilliseconds: 11) == HybridTime(milliseconds: 11, counter: 0))
    #expect(clock.tick(nowMilliseconds: 11) == HybridTime(milliseconds: 11, counter: 1))
    #expect(clock.tick(nowMilliseconds: 3) == HybridTime(milliseconds: 11, counter: 2))
  }

  @Test func aFullCounterCarriesIntoTheMilliseconds() {
    var clock = HybridClock(last: HybridTime(milliseconds: 10, counter: .max))
    #expect(clock.tick(nowMilliseconds: 10) == HybridTime(milliseconds: 11, counter: 0))
  }

  @Test func observingAnOldReadingChangesNothing() {
    let last = HybridTime(milliseconds: 10, counter: 5)
    var clock = HybridClock(last: last)
    clock.observe(HybridTime(milliseconds: 10, counter: 4), nowMilliseconds: 10)
    #expect(clock.last == last)
  }

  @Test func readingsTooFarAheadAreNotObserved() {
    let now: UInt64 = 1_700_000_000_000
    let limit = now + HybridClock.aheadMillisecondsMax
    var clock = HybridClock()
    clock.observe(HybridTime(milliseconds: limit + 1, counter: 0), nowMilliseconds: now)
    #expect(clock.last == .zero)
    clock.observe(HybridTime(milliseconds: limit, counter: 9), nowMilliseconds: now)
    #expect(clock.last == HybridTime(milliseconds: limit, counter: 9))
  }

  @Test func theEndOfTimeDoesNotWrap() {
    let last = HybridTime(rawValue: .max)
    var clock = HybridClock(last: last)
    #expect(clock.tick(nowMilliseconds: 0) == last)
    #expect(clock.tick(nowMilliseconds: .max) == last)
    var other = HybridClock()
    #expect(other.tick(nowMilliseconds: .max).milliseconds == longest)
    other.observe(last, nowMilliseconds: .max)
    #expect(other.last == last)
  }
}
