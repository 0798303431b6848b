import Merge
import Replica

extension Run {
  /// One thing that somebody does, or that goes wrong.
  ///
  /// Each has randomness of its own, from the seed and its number: one that is left out changes
  /// nothing in what the others decide.
  func step(_ number: Int) throws {
    outcome.lastStep = number
    generator = SplitMix64(seed: seed, step: number)
    workload.begin(step: number)
    for party in parties { party.random.begin(step: number) }
    let party = pickParty()
    let kind = generator.pickWeighted(StepKind.all)
    world.clock.advance(milliseconds: generator.next() % 4000)
    endPartitions()
    try restoreServerWhereDue(number)
    if generator.oneIn(12) { try party.backUp() }
    let done = try kind.perform(self, party)
    trace.note("\(number) \(party.name) \(kind.name): \(done)")
    outcome.eventCount += 1
    try options.plantedBug?.afterStep(party, world)
    try checkStep(party)
    if number % 4 == 3 {
      violate("compaction", try stubs.differences(in: world, restored: restored.union(returned)))
    }
    if number % 16 == 15 { try checkEverything() }
  }

  /// Administrators do less than those that they put together.
  private func pickParty() -> Party {
    generator.pick(
      parties.flatMap { [Party](repeating: $0, count: $0.role == .admin ? 1 : 3) })
  }
}
