import Merge
import Replica

/// What people do, at random: mostly to the same few records at the same time.
struct Workload {
  let world: World
  /// Puts what should be sealed into an open field; a planted bug.
  let isCareless: Bool
  var generator: SplitMix64
  /// The ticket that a race is about; `nil` while people do as they like.
  var focus: RecordReference?
  private let seed: UInt64
  private var step = 0
  private var textCount = 0

  init(_ world: World, seed: UInt64, isCareless: Bool) {
    self.world = world
    self.seed = seed
    self.isCareless = isCareless
    generator = SplitMix64(seed: seed)
  }

  /// From now on what the step gives, whatever was done before it.
  mutating func begin(step: Int) {
    generator = SplitMix64(seed: seed, step: step)
    self.step = step
    textCount = 0
  }

  mutating func choose(for party: Party) -> Action {
    generator.pickWeighted(Action.all.filter { $0.isFor(party) })
  }

  /// A text for a sealed field: another one each time, with the word that must not be found.
  mutating func text() -> String {
    textCount += 1
    return "\(CanaryChecker.canary) \(step).\(textCount) \(generator.below(1000))"
  }

  mutating func recordID(_ party: Party) -> RecordID { party.newRecordID() }
}
