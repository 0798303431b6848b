import Database
import Merge
import SyncProtocol

/// A key that somebody holds who was removed, or who opened an emergency deposit, and that nobody has
/// replaced yet. What was sealed under it stays open to them.
public struct KeyDebt: Hashable, Sendable {
  public enum Subject: Hashable, Sendable {
    case space(SpaceID, SpaceKind)
    case team(TeamID)
    /// Files of an engagement that are shared for a key of the other side which was replaced, and so many.
    case shares(SpaceID, Int)
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
      guard let kind = state.kind, state.ended == nil, let role = state.role(of: identity.account)
      else { continue }
      if try state.owesEpoch || space == vault && owesKeyAfterEmergency() {
        let isOwn = SpaceState.mayMakeEpoch(role, in: kind) && !state.isTeamKeyOwed
        debts.append(KeyDebt(subject: .space(space, kind), isOwn: isOwn))
      }
      let count = try sharesForOldKeys(in: space, state)
      if count > 0 { debts.append(KeyDebt(subject: .shares(space, count), isOwn: true)) }
    }
    return debts
  }

  /// Active shares whose wrap is for a key that was replaced: those whose file or vault key is not on
  /// the device that looked, or that no device has looked at yet.
  private func sharesForOldKeys(in space: SpaceID, _ state: SpaceState) throws -> Int {
    guard state.kind == .engagement, state.role(of: identity.account) == .client,
      let other = state.presentMembers.first(where: { $0 != identity.account }),
      let key = state.accountKeys[other], try consent(of: space).status == .active
    else { return 0 }
    let now = try nowMilliseconds
    let old = try database.rows(
      "SELECT record FROM share WHERE space = ? AND access_state = 'active' AND account_key <> ? "
        + "ORDER BY record",
      .integer(store.number(of: space)), .blob(key.bytes)
    ) { try Self.recordID($0.blob(0)) }
    return try old.count { id in
      try shownRecord("share", id, in: space).flatMap { Share($0) }?
        .isActive(nowMilliseconds: now) ?? false
    }
  }
}
