import Signing

/// What one seed, or many of them, came to.
package struct Outcome: Sendable {
  /// What happened: steps of people, and requests that reached the network.
  package var eventCount = 0
  /// Commits in the server's logs at the end.
  package var commitCount = 0
  /// By kind.
  package var faults: [String: Int] = [:]
  package var violations: [Violation] = []
  /// One line a step; empty where nobody asked for it.
  package var trace: [String] = []
  /// Of the trace and of all logs' heads at the end: the same for the same seed.
  package var traceHash = Digest.zero

  /// The number of the last step that was taken.
  var lastStep = 0

  package init() {}

  /// Adds the numbers of another seed.
  package mutating func add(_ other: Outcome) {
    eventCount += other.eventCount
    commitCount += other.commitCount
    faults.merge(other.faults, uniquingKeysWith: +)
    violations += other.violations
  }
}

/// What was done, line by line.
struct Trace {
  private(set) var lines: [String] = []
  private let isKept: Bool
  private var hasher = Hasher256(domain: "simulation trace")

  init(isKept: Bool) { self.isKept = isKept }

  mutating func note(_ line: String) {
    if isKept { lines.append(line) }
    hasher.update(Array(line.utf8) + [10])
  }

  mutating func note(_ digest: Digest) { hasher.update(digest) }

  var hash: Digest { hasher.finalize() }
}
