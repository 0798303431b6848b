import Replica

/// What people do: use the program, and sync.
extension StepKind {
  static let act = StepKind("act", weight: 45) { run, party in
    try run.act(party, times: 1 + run.generator.below(3))
  }

  static let sync = StepKind("sync", weight: 15) { run, party in try run.sync(party) }

  static let syncLocked = StepKind("locked sync", weight: 1) { run, party in
    party.replica.lock()
    let done = try run.sync(party)
    try party.unlock()
    return done
  }
}

extension Run {
  func act(_ party: Party, times: Int) throws -> String {
    var done: [String] = []
    for _ in 0..<times {
      let action = workload.choose(for: party)
      done.append("\(action.name) " + (try attempt { try action.perform(&workload, party) }))
      // Before anything can be sent: afterwards nobody would know that it was ever written.
      try noteWritten(by: party)
      world.clock.advance(milliseconds: 500)
    }
    return done.joined(separator: "; ")
  }

  func sync(_ party: Party) throws -> String {
    try attempt {
      let report = try party.sync()
      if report.sawDishonesty { violate("honesty", ["\(party.name): \(report.problems)"]) }
      return "sync sent \(report.acceptedCount) refused \(report.refused.count) "
        + "pulled \(report.pulledCount) \(report.problems)"
        + report.deferred.map { " \($0)" }.sorted().joined()
        + report.news.map { "; \($0)" }.joined()
    }
  }
}
