import Replica
import SpaceStore

/// The check that people can run, of every home: logs read again with every verdict, rows compared,
/// the unsent against the own journal.
enum HomeCheck {
  /// What it found wrong, in words.
  static func problems(of parties: [Party]) throws -> [String] {
    try parties.flatMap { party in
      var report = CheckReport()
      try party.replica.checkSpaces(&report)
      return report.problems.map { problem in
        "\(party.name): \(problem.part.rawValue): \(problem.what) in \(problem.space?.hex ?? "-")"
      }
    }
  }
}
