import Replica
import SpaceStore

/// The check that people can run, of every home: logs read again with every verdict, rows compared,
/// the unsent against the own journal.
enum HomeCheck {
  /// What it found wrong, in words.
  ///
  /// It takes as long as some of the other checks together: so where nothing was set back, each home is
  /// looked at in one of two runs, as the seed says.
  static func problems(of parties: [Party], seed: UInt64, isEvery: Bool) throws -> [String] {
    var generator = SplitMix64(seed: seed, step: .max)
    let parties = parties.filter { _ in generator.oneIn(2) || isEvery }
    return try parties.flatMap { party in
      var report = CheckReport()
      try party.replica.checkSpaces(&report)
      return report.problems.map { problem in
        "\(party.name): \(problem.part.rawValue): \(problem.what) in \(problem.space?.hex ?? "-")"
      }
    }
  }
}
