import Merge
import SyncProtocol

extension Replica {
  /// Opens a casework space for a client and a team: where their tickets live. The administrator who
  /// opens it is not a member and holds no key.
  public func openCasework(
    client: AccountID, team: TeamID, _ transport: any Transport
  ) throws -> SpaceID {
    guard let organisation = try ownOrganisation(), identity.role == .admin else {
      throw ReplicaError.badInput("only an administrator of an organisation opens casework")
    }
    var report = SyncReport()
    let connection = try connect(transport, &report)
    try fetchChain(.account(client), connection)
    try fetchChain(.team(team), connection)
    let space = TimeOrderedID.make(SpaceID.self, environment)
    let opening = SpaceOpening(
      kind: .casework, members: [try spaceMember(client, .contact)], team: team,
      organisation: organisation)
    try expectAccepted(push([signOpening(opening, of: space)], wraps: [], in: space, connection))
    return space
  }

  /// Opens the team's own space, for internal notes; its members make its key.
  func openTeamSpace(
    _ team: TeamID, _ organisation: OrganisationID, _ connection: Connection
  ) throws {
    let space = SpaceID.team(team)
    let opening = SpaceOpening(
      kind: .team, members: [], team: team, organisation: organisation)
    try expectAccepted(push([signOpening(opening, of: space)], wraps: [], in: space, connection))
  }
}
