import Database
import Merge
import SyncProtocol

/// A space in which a client and a team work on tickets.
public struct CaseworkSpace: Hashable, Sendable {
  public let id: SpaceID
  /// What this account is in it.
  public let role: Role
  public let teams: [TeamID]
  /// The accounts of the client's side.
  public let contacts: [AccountID]
  /// The other side, for this account: the team's name, or the contacts'.
  public let name: String
  /// Whether an epoch's key is there, so that tickets can be read and written while unlocked.
  public let hasKey: Bool
}

extension Replica {
  /// The casework spaces that this account is in, in the order they were met.
  public func caseworkSpaces() throws -> [CaseworkSpace] {
    try store.spaceIDs().compactMap { id in
      let state = try store.state(id)
      guard state.kind == .casework, try leftReason(id) == nil,
        let role = state.role(of: identity.account)
      else { return nil }
      let contacts = state.presentMembers.filter { state.role(of: $0) == .contact }
      return CaseworkSpace(
        id: id, role: role, teams: state.teams, contacts: contacts,
        name: try name(of: state, role: role, contacts: contacts),
        hasKey: try holdsEpoch(of: state))
    }
  }

  private func name(
    of state: SpaceState, role: Role, contacts: [AccountID]
  ) throws -> String {
    if role == .contact {
      return try state.teams.map { try teamName($0) }.joined(separator: ", ")
    }
    return contacts.map { markedName($0) }.joined(separator: ", ")
  }

  private func teamName(_ team: TeamID) throws -> String {
    try chains.teamChain(team)?.name ?? String(team.hex.prefix(8))
  }

  /// The casework that is meant where nothing, a team or a person is named.
  ///
  /// - Throws: ``ReplicaError/notReady(_:)`` where there is none, ``ReplicaError/ambiguous(_:_:)``
  ///   where nothing was named and there are several, ``ReplicaError/notFound(_:)``.
  public func caseworkSpace(with name: String?) throws -> CaseworkSpace {
    let spaces = try caseworkSpaces()
    guard !spaces.isEmpty else {
      throw ReplicaError.notReady("there is no casework with a team yet")
    }
    let found = try name.map { name in try spaces.filter { try isMeant($0, by: name) } } ?? spaces
    guard let first = found.first else { throw ReplicaError.notFound(name ?? "casework") }
    guard found.count == 1 else {
      throw ReplicaError.ambiguous(name ?? "casework", found.map(\.name))
    }
    return first
  }

  private func isMeant(_ space: CaseworkSpace, by name: String) throws -> Bool {
    let lower = name.lowercased()
    for team in space.teams {
      if try teamName(team).lowercased() == lower { return true }
      if lower.utf8.count >= RecordPrefix.digitCountMin && team.hex.hasPrefix(lower) {
        return true
      }
    }
    do {
      return space.contacts.contains(try person(named: name))
    } catch ReplicaError.notFound {
      return false
    }
  }

  /// Why a space was left; `nil` for one that was not.
  func leftReason(_ space: SpaceID) throws -> String? {
    try database.first(
      "SELECT reason FROM left_space WHERE space = ?",
      .integer(try store.number(of: space))
    ) { $0.text(0) }
  }

  /// Whether the present epoch's key lies in the key ring; works while locked.
  func holdsEpoch(of state: SpaceState) throws -> Bool {
    guard let epoch = state.currentEpoch else { return false }
    return try database.first(
      "SELECT 1 FROM key_ring WHERE name = ?",
      .text(KeyRing.Name.epoch(state.id, epoch).text)
    ) { _ in true } ?? false
  }
}
