import Foundation
import Synchronization

/// Many seeds, side by side on the processors that there are.
package struct Batch: Sendable {
  package let seeds: [UInt64]
  package let options: Run.Options

  package init(seeds: some Sequence<UInt64>, options: Run.Options) {
    self.seeds = Array(seeds)
    self.options = options
  }

  /// - Parameters:
  ///   - threadCount: seeds at a time.
  ///   - onOutcome: told of each seed as it ends, in no fixed order.
  /// - Returns: the sum; violations in the order of the seeds.
  package func run(
    threadCount: Int = ProcessInfo.processInfo.activeProcessorCount,
    onOutcome: @escaping @Sendable (_ seed: UInt64, Outcome) -> Void = { _, _ in }
  ) -> Outcome {
    let next = Atomic<Int>(0)
    let total = Mutex(Outcome())
    DispatchQueue.concurrentPerform(iterations: max(1, threadCount)) { _ in
      while true {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < seeds.count else { return }
        let outcome = Self.outcome(seeds[index], options)
        total.withLock { $0.add(outcome) }
        onOutcome(seeds[index], outcome)
      }
    }
    var sum = total.withLock { $0 }
    sum.violations.sort {
      ($0.seed, $0.checker, $0.explanation) < ($1.seed, $1.checker, $1.explanation)
    }
    return sum
  }

  /// What ends a run early is a violation like any other.
  private static func outcome(_ seed: UInt64, _ options: Run.Options) -> Outcome {
    do {
      return try Run(seed: seed, options: options).perform()
    } catch {
      var outcome = Outcome()
      outcome.violations = [
        Violation(seed: seed, checker: "run", explanation: "ended early: \(error)")
      ]
      return outcome
    }
  }
}
