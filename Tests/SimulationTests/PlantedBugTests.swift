import Simulation
import Testing

/// The checkers find what they are for: each planted bug, within a few seeds and by the right one.
@Suite struct PlantedBugTests {
  @Test(arguments: PlantedBug.all.map(\.name))
  func isFound(name: String) throws {
    let bug = try #require(PlantedBug.named(name))
    var options = Run.Options()
    options.plantedBug = bug
    var found: Set<String> = []
    for seed in 1...24 as ClosedRange<UInt64> where found.isEmpty {
      found = Set(try Run(seed: seed, options: options).perform().violations.map(\.checker))
    }
    #expect(!found.isDisjoint(with: bug.checkers), "\(found.sorted())")
  }
}
