import CBOR
import Merge
import SpaceStore
import SyncProtocol

/// Engagements: the spaces in which a client and a practitioner share, opened by the client's device once
/// both have said yes.
extension Replica {
  /// The engagements that rest on an assignment, oldest first: one for each approval that opened one.
  private func engagements(of assignment: SpaceID) throws -> [SpaceID] {
    try store.state(assignment).consent.approvals
      .map { SpaceID.engagement(assignment: assignment, approval: $0) }
      .filter { try store.knows($0) && store.state($0).kind == .engagement }
  }

  /// The engagement of an assignment that has not ended.
  package func engagement(of assignment: SpaceID) throws -> SpaceID? {
    try engagements(of: assignment).last { try store.state($0).ended == nil && !hasLeft($0) }
  }

  /// The assignment that an engagement rests on.
  func assignment(of engagement: SpaceID) throws -> SpaceID? {
    try store.spaceIDs().first { space in
      try store.state(space).kind == .assignment && engagements(of: space).contains(engagement)
    }
  }

  /// The open engagement with a person; `nil` where there is none.
  public func engagement(with account: AccountID) throws -> SpaceID? {
    try store.spaceIDs().last { space in
      let state = try store.state(space)
      return try state.kind == .engagement && state.ended == nil
        && state.role(of: account) != nil && account != identity.account && !hasLeft(space)
    }
  }

  /// Opens the engagements that are due: both decisions accepted, and none open. One that cannot be
  /// opened does not hold up the others.
  ///
  /// - Returns: whether anything was pushed.
  func openEngagements(_ connection: Connection, _ report: inout SyncReport) throws -> Bool {
    var hasPushed = false
    for space in try store.spaceIDs() {
      let state = try store.state(space)
      guard state.kind == .assignment, state.role(of: identity.account) == .client,
        state.consent.state(nowMilliseconds: try nowMilliseconds).status == .active,
        try engagement(of: space) == nil, let approval = state.consent.approvals.last,
        let other = state.members.first(where: { Self.isOtherSide($0.value.role) })
      else { continue }
      let id = SpaceID.engagement(assignment: space, approval: approval)
      guard try !store.knows(id) || store.state(id).ended == nil else { continue }
      do {
        try open(
          id, with: (other.key, other.value.role), assignment: space, approval: approval,
          connection)
        hasPushed = true
      } catch let error as ReplicaError {
        try report.keep(error, while: "opening an engagement")
      }
    }
    return hasPushed
  }

  private static func isOtherSide(_ role: Role) -> Bool { role == .practitioner || role == .family }

  private func open(
    _ engagement: SpaceID, with other: (account: AccountID, role: Role), assignment: SpaceID,
    approval: Origin, _ connection: Connection
  ) throws {
    try fetchChain(.account(other.account), connection)
    let opening = SpaceOpening(
      kind: .engagement,
      members: [
        try spaceMember(identity.account, .client), try spaceMember(other.account, other.role),
      ], assignment: assignment, approval: approval)
    guard let own = try recipient(identity.account), let theirs = try recipient(other.account)
    else {
      return
    }
    let (epoch, wraps) = try makeEpoch(in: engagement, recipients: [own, theirs])
    // Another device of this account may have been faster; the pull brings what it made.
    try push(
      [signOpening(opening, of: engagement), epoch], wraps: wraps, in: engagement, connection)
  }

  /// Says who we are in engagements where we have not yet.
  ///
  /// - Returns: whether anything was written.
  func writeProfiles() throws -> Bool {
    guard let name = try ownName() else { return false }
    var hasWritten = false
    for space in try store.spaceIDs() where try !hasLeft(space) {
      let state = try store.state(space)
      guard state.kind == .engagement, state.ended == nil, try usableEpoch(of: space) != nil,
        let role = state.role(of: identity.account)
      else { continue }
      let status = state.at(nowMilliseconds: try nowMilliseconds).consentState.status
      guard role == .client || status == .active else { continue }
      let isThere = try database.first(
        "SELECT 1 FROM profile WHERE space = ? AND account = ?",
        .integer(store.number(of: space)), .blob(identity.account.bytes)
      ) { _ in true }
      guard isThere == nil else { continue }
      try write(
        Draft([
          Draft.Change(
            .create, "profile", TimeOrderedID.make(RecordID.self, environment),
            [
              Draft.Write("account", .bytes(identity.account.bytes)),
              Draft.Write("name", .text(name)),
            ])
        ]), in: space)
      hasWritten = true
    }
    return hasWritten
  }

  /// States the end of engagements whose consent this account has withdrawn, so that the end stands in
  /// the log by the withdrawing member's own signature too.
  func endEngagements(_ connection: Connection) throws -> Bool {
    // The server lands the withdrawal in the engagement's log with the withdrawal itself; a statement
    // is owed only where it has not.
    var hasPushed = false
    for space in try store.spaceIDs() {
      let state = try store.state(space)
      guard state.kind == .assignment, state.role(of: identity.account) == .client else { continue }
      let status = state.consent.state(nowMilliseconds: try nowMilliseconds).status
      guard status == .revoked || status == .declined, let open = try engagement(of: space) else {
        continue
      }
      let signed = SignedStatement(
        Statement(
          subject: .space(open), index: 1, previous: nil, account: identity.account,
          device: identity.device, timeMilliseconds: try nowMilliseconds, body: .engagementEnd),
        key: try unlockedKeys().identity())
      try push([signed], wraps: [], in: open, connection)
      hasPushed = true
    }
    return hasPushed
  }
}
