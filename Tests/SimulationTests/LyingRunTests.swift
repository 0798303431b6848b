import Simulation
import Testing

/// Everybody works, and the server begins to lie to somebody.
@Suite struct LyingRunTests {
  @Test(arguments: 1...12 as ClosedRange<UInt64>)
  func aLieIsNotBelieved(seed: UInt64) throws {
    let run = try LyingRun(seed: seed)
    try run.perform()
    #expect(run.violations == [], "\(run.lie)")
  }

  /// Lies that leave a trace in what is signed are found in every run.
  @Test(arguments: [Lie.changedEntry, .wronglySignedEntry, .notAllowed, .refusedForOne])
  func itIsFound(lie: Lie) throws {
    var evidenceCount = 0
    for seed in 70...80 as ClosedRange<UInt64> where evidenceCount == 0 {
      let run = try LyingRun(seed: seed, lie: lie)
      try run.perform()
      #expect(run.violations == [])
      #expect(run.isFlagged || run.evidenceCount == 0)
      evidenceCount = run.evidenceCount
    }
    #expect(evidenceCount > 0)
  }
}
