import Merge
import Signing
import SyncProtocol

extension Replica {
  /// Ends the account for good. First everything that others were given is taken back: consents, shares,
  /// the emergency deposit, all files, memberships of teams. Then the account's chain ends, the server destroys the wraps and
  /// blobs that its keys could open, and this home lets go of all it holds; the other devices do at their
  /// next contact.
  ///
  /// - Throws: ``ReplicaError/badInput(_:)`` for an administrator: the organisation would be nobody's;
  ///   ``ReplicaError/notReady(_:)`` where something of it could not be sent.
  public func deleteAccount(_ transport: any Transport) throws -> SyncReport {
    guard identity.role != .admin else {
      throw ReplicaError.badInput("an administrator's account cannot be deleted")
    }
    _ = try sync(transport)
    try takeEverythingBack()
    let report = try sync(transport)
    guard report.problems.isEmpty, try status().pendingCount == 0 else {
      throw ReplicaError.notReady("not everything could be taken back yet; sync and try again")
    }
    var opened = SyncReport()
    let connection = try connect(transport, &opened)
    for case .team(let team) in try chains.references()
    where try chains.teamChain(team)?.members[identity.account] != nil {
      try append(
        .teamRemoval(TeamRemoval(account: identity.account)), to: .team(team), wraps: [], connection
      )
    }
    try append(.accountDeletion, to: .account(identity.account), wraps: [], connection)
    return try leaveAccount(transport)
  }

  private func takeEverythingBack() throws {
    for assignment in try assignments() {
      let isClient = assignment.client == identity.account
      guard isClient || assignment.practitioner == identity.account,
        assignment.state.status == .active || assignment.state.status == .pending
      else { continue }
      let isDecided =
        (isClient ? assignment.clientDecision : assignment.practitionerDecision) != nil
      let word = isDecided ? (isClient ? "revoked" : "withdrawn") : "declined"
      try decide(word, on: assignment)
    }
    guard identity.role == .client else { return }
    try turnOffEmergencyDeposit()
    for entry in try vaultTree().children(of: nil) {
      try removeFromVault(vaultTree().path(of: entry.id), recursive: true, forever: true)
    }
  }
}
