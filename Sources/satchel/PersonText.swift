import Merge
import Replica

/// How people are shown where somebody chooses or lists them.
enum PersonText {
  /// The name, and whether nobody has compared this person's keys. Nothing is marked while locked.
  static func marked(_ account: AccountID, _ replica: Replica) throws -> String {
    let name = replica.personName(account)
    if replica.isLocked { return name }
    let verification = try replica.verification(of: account)
    return verification.isMarked ? "\(name) (\(verification.rawValue))" : name
  }
}
