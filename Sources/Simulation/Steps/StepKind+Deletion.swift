import Merge
import Replica

extension StepKind {
  /// A client's account ends for good, late: without them little is left to go wrong.
  static let accountDeleted = StepKind("account deleted", weight: 2) { run, party in
    guard party.role == .client, !run.hasDeletedAccount,
      run.outcome.lastStep >= run.options.stepCount * 4 / 5, try !party.replica.wasRevoked()
    else { return "not now" }
    let own = try run.parties.filter {
      try $0.account == party.account && !$0.replica.wasRevoked()
    }
    for device in own { try run.keepThief(of: device) }
    return try run.attemptRemoval {
      let report = try party.replica.deleteAccount(party.network)
      if report.sawDishonesty { run.violate("honesty", ["\(party.name): \(report.problems)"]) }
      run.hasDeletedAccount = true
      run.count("account deleted")
      return "deleted"
    }
  }
}
