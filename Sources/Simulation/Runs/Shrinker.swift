/// Finds a smaller run that fails in the same way: without the steps that it does not take (delta
/// debugging; Zeller, Hildebrandt, 2002).
package struct Shrinker {
  package struct Result: Sendable {
    /// The numbers of the steps that are left.
    package let steps: [Int]
    /// Of the run with those steps, with its trace.
    package let outcome: Outcome
    /// How many runs it took.
    package let runCount: Int
  }

  private let seed: UInt64
  private let options: Run.Options
  private var runCount = 0
  /// What has to be violated still.
  private var checkers: Set<String> = []

  package init(seed: UInt64, options: Run.Options) {
    self.seed = seed
    self.options = options
  }

  /// - Returns: `nil` where nothing is violated.
  package mutating func shrink() throws -> Result? {
    let whole = try run(options.only.map { $0.sorted() } ?? Array(0..<options.stepCount))
    guard !whole.violations.isEmpty else { return nil }
    checkers = Set(whole.violations.map(\.checker))
    // A run ends with the first step that violates something.
    var steps = (options.only?.sorted() ?? Array(0..<options.stepCount))
      .filter { $0 <= whole.lastStep }
    var partCount = 2
    while steps.count > 1 {
      if let smaller = try without(onePartOf: partCount, steps) {
        steps = smaller
        partCount = max(2, partCount - 1)
      } else if partCount < steps.count {
        partCount = min(steps.count, partCount * 2)
      } else {
        break
      }
    }
    return Result(steps: steps, outcome: try run(steps), runCount: runCount)
  }

  /// The steps without one of so many equal parts, if that fails still.
  private mutating func without(onePartOf partCount: Int, _ steps: [Int]) throws -> [Int]? {
    for part in 0..<partCount {
      let range = steps.count * part / partCount..<steps.count * (part + 1) / partCount
      if range.isEmpty { continue }
      let rest = Array(steps[..<range.lowerBound] + steps[range.upperBound...])
      let found = Set(try run(rest).violations.map(\.checker))
      if !found.isDisjoint(with: checkers) { return rest }
    }
    return nil
  }

  private mutating func run(_ steps: [Int]) throws -> Outcome {
    runCount += 1
    var options = options
    options.only = Set(steps)
    options.keepsTrace = true
    return try Run(seed: seed, options: options).perform()
  }
}
