import Simulation
import Testing

/// Devices and a server under faults, by seed.
@Suite struct SimulationTests {
  @Test func nothingIsViolated() {
    let outcome = Batch(seeds: 1...16, options: Run.Options()).run()
    #expect(outcome.violations == [])
    #expect(outcome.commitCount > 16 * 20)
    let kinds = Set(outcome.faults.keys)
    #expect(
      kinds.isSuperset(of: [
        "lost response", "device crash", "server crash", "partition", "one-way partition",
        "clock jump", "clock drift", "written ahead", "device disk full", "server disk full",
        "blob disk lost", "home copied", "home restored", "year away",
      ]))
  }

  @Test func nothingIsViolatedAmongMany() {
    var options = Run.Options()
    options.replicaCount = 9
    #expect(Batch(seeds: 1...2, options: options).run().violations == [])
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

  /// Else races in casework and notes would be among first devices only.
  @Test func furtherDevicesOfStaffHoldTheKeysOfTheirCasework() throws {
    let world = try World(cast: Cast(count: 6))
    let laptop = world["laptop"].replica
    #expect(try laptop.caseworkSpaces().count == 2)
    #expect(try laptop.caseworkSpaces().allSatisfy(\.hasKey))
  }
}
