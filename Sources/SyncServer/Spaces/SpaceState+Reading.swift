import Merge

extension SpaceState {
  /// How far an account may read the log: to its end as a member; up to its leaving as a former
  /// one; and, but for the client, up to the end of an engagement. `nil` for all others.
  func readable(by account: AccountID) -> Position? {
    guard kind != nil, let membership = members[account] else { return nil }
    var limit = position
    if let until = membership.until { limit = min(limit, until) }
    if let ended, membership.role != .client { limit = min(limit, ended) }
    return limit
  }
}
