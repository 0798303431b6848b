import CBOR
import Merge
import Signing
import SpaceStore
import SyncProtocol

extension Replica {
  /// Whether this device has purged the space.
  package func hasLeft(_ space: SpaceID) throws -> Bool {
    guard try store.knows(space) else { return false }
    return try database.first(
      "SELECT 1 FROM left_space WHERE space = ?", .integer(store.number(of: space))
    ) { _ in true }
      ?? false
  }

  /// Purges what this device may no longer hold: only on signed statements that it has checked
  /// itself, never because the server says so (design §6, Leaving). Works while locked.
  func leaveEnded(_ report: inout SyncReport) throws {
    for space in try store.spaceIDs() where try !hasLeft(space) {
      guard let reason = try leavingReason(space) else { continue }
      try leave(space, reason)
      report.left[space] = reason
    }
  }

  private func leavingReason(_ space: SpaceID) throws -> LeavingReason? {
    let state = try store.state(space)
    guard let membership = state.members[identity.account] else { return nil }
    let role = membership.role
    if membership.until != nil { return .removed }
    // Whoever holds the removal has left, whatever the server shows of the space.
    if role == .staff, let team = state.teams.first, let chain = try chains.teamChain(team),
      chain.members[identity.account] == nil
    {
      return .removed
    }
    guard state.kind == .engagement else { return nil }
    // The client keeps the history of what was shared; whoever was let in does not.
    guard role != .client else { return nil }
    if state.ended != nil { return .consentEnded }
    // Whoever holds the withdrawal treats the engagement as ended, whatever the server shows of it.
    guard let assignment = try assignment(of: space) else { return nil }
    let status = try store.state(assignment).consent
      .state(nowMilliseconds: state.timeMilliseconds).status
    return status == .revoked || status == .declined ? .consentEnded : nil
  }

  /// Rows, keys and cached files go. Unsent commits stay in the outbox with their private copies until
  /// they have a verdict.
  func leave(_ space: SpaceID, _ reason: LeavingReason) throws {
    let number = try store.number(of: space)
    let state = try store.state(space)
    let time = state.timeMilliseconds
    // The team's key goes with the team: whoever is let in again gets the next one.
    let teams = reason == .removed ? state.teams : []
    try purgeFiles(of: space)
    try transaction {
      try rejectStale(in: number)
      for team in teams {
        try KeyRing.dropKeys(of: team, in: database)
        // One of them may be for the own account.
        try database.run(
          "DELETE FROM own_chain_wraps WHERE chain = ?", .blob(ChainReference.team(team).encoded))
      }
      try store.purge(space)
      for table in ["page_proof", "own_epoch_wrap", "lost_epoch", "dropped_share"] {
        try database.run("DELETE FROM \(table) WHERE space = ?", .integer(number))
      }
      try settleAccepted(space: number)
      try KeyRing.dropEpochs(of: space, in: database)
      try unmarkForked(number: number)
      try database.run("DELETE FROM seen_ahead WHERE space = ?", .integer(number))
      try database.run(
        "INSERT OR REPLACE INTO left_space VALUES (?, ?, ?, 0)", .integer(number),
        .text(reason.rawValue), .integer(Int64(time)))
    }
    keys?.forgetOpened(of: space)
    for team in teams { keys?.forgetOpened(of: team) }
    // What was deleted must not stay behind in the write-ahead log.
    try database.checkpoint()
  }

  /// Comes back to a space that this account was removed from, if its team has let it in again: the log
  /// is read from the beginning.
  ///
  /// - Returns: whether it did.
  func comeBack(to space: SpaceID, _ connection: Connection) throws -> Bool {
    guard try leftReason(space) == LeavingReason.removed.rawValue,
      let team = try store.state(space).teams.first
    else { return false }
    try fetchChain(.team(team), connection)
    guard try chains.teamChain(team)?.members[identity.account] != nil else { return false }
    try transaction {
      try store.empty(space)
      try database.run(
        "DELETE FROM left_space WHERE space = ?", .integer(try store.number(of: space)))
    }
    return true
  }
}
