import Simulation
import Testing

/// Devices and a server under faults, by seed.
@Suite struct SimulationTests {
  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func nothingIsViolated(seed: UInt64) throws {
    let outcome = try Run(seed: seed).perform()
    #expect(outcome.violations == [])
    #expect(outcome.commitCount > 0)
  }

  @Test func whatWasFoundOnceStaysFixed() throws {
    let outcome = Batch(seeds: try Seeds.all.get(), options: Run.Options()).run()
    #expect(outcome.violations == [])
  }

  @Test func theSameSeedIsTheSameRun() throws {
    let first = try Run(seed: 3).perform()
    let second = try Run(seed: 3).perform()
    let other = try Run(seed: 4).perform()
    #expect(first.traceHash == second.traceHash)
    #expect(first.traceHash != other.traceHash)
  }

  @Test func faultsHappen() {
    let outcome = Batch(seeds: 1...8, options: Run.Options()).run()
    let kinds = Set(outcome.faults.keys)
    #expect(kinds.isSuperset(of: ["lost response", "device crash", "partition", "clock jump"]))
  }
}
