import Simulation
import Testing

/// The checkers find what they are for: each planted bug, within a few seeds and by the right one.
@Suite struct PlantedBugTests {
  @Test(arguments: PlantedBug.allCases)
  func isFound(bug: PlantedBug) throws {
    var options = Run.Options()
    options.plantedBug = bug
    var found: Set<String> = []
    for seed in 1...24 as ClosedRange<UInt64> where found.isEmpty {
      found = Set(try Run(seed: seed, options: options).perform().violations.map(\.checker))
    }
    #expect(!found.isDisjoint(with: Self.checkers(bug)), "\(found.sorted())")
  }

  private static func checkers(_ bug: PlantedBug) -> Set<String> {
    switch bug {
    // What a device has lost makes it doubt refusals, too.
    case .dropSibling: ["reference", "honesty"]
    case .outboxLost: ["accounting", "error"]
    case .rowLost: ["equality", "reference", "honesty"]
    case .refusalLost: ["accounting"]
    case .sealedTextOpen: ["canary"]
    case .pushUnanswered: ["liveness"]
    case .serverRolledBack: ["equality", "honesty", "accounting"]
    case .entryDropped: ["honesty"]
    }
  }
}
