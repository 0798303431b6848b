import Merge
import SyncProtocol

/// A key that somebody holds who was removed, or who opened an emergency deposit, and that nobody has
/// replaced yet. What was sealed under it stays open to them.
public struct KeyDebt: Hashable, Sendable {
  public enum Subject: Hashable, Sendable {
    case space(SpaceID, SpaceKind)
    case team(TeamID)
  }

  public let subject: Subject
  /// Whether a device of this account can replace it at a sync; otherwise others have to.
  public let isOwn: Bool
}

extension Replica {
  /// What is owed in the spaces and teams that this device knows, teams first. Works while locked.
  public func keyDebt() throws -> [KeyDebt] {
    if try wasRevoked() { return [] }
    var debts: [KeyDebt] = []
    for case .team(let team) in try chains.references() {
      guard let chain = try chains.teamChain(team), chain.members[identity.account] != nil,
        try owesKey(chain)
      else { continue }
      debts.append(KeyDebt(subject: .team(team), isOwn: true))
    }
    for space in try store.spaceIDs() where try !hasLeft(space) {
      let state = try store.state(space)
      let owes = try state.owesEpoch || space == vault && owesKeyAfterEmergency()
      guard let kind = state.kind, owes, state.ended == nil,
        let role = state.role(of: identity.account)
      else { continue }
      let isOwn = SpaceState.mayMakeEpoch(role, in: kind) && !state.isTeamKeyOwed
      debts.append(KeyDebt(subject: .space(space, kind), isOwn: isOwn))
    }
    return debts
  }
}
