import Simulation
import Testing

/// A run that fails is made smaller, and what is left fails by itself.
@Suite struct ShrinkerTests {
  @Test func whatIsLeftFailsInTheSameWay() throws {
    var options = Run.Options()
    options.plantedBug = PlantedBug.named("drop-sibling")
    var shrinker = Shrinker(seed: 3, options: options)
    let result = try #require(try shrinker.shrink())
    #expect(result.steps.count < options.stepCount / 4)

    options.only = Set(result.steps)
    let again = try Run(seed: 3, options: options).perform()
    #expect(again.violations == result.outcome.violations)
    #expect(again.violations.contains { $0.checker == "reference" })
  }

  @Test func aRunWithoutViolationIsNotShrunk() throws {
    var options = Run.Options()
    options.stepCount = 8
    var shrinker = Shrinker(seed: 3, options: options)
    #expect(try shrinker.shrink() == nil)
  }
}
