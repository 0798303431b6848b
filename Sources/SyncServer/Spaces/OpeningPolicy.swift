import Merge
import SpaceStore
import SyncProtocol

/// What the server asks of a first statement beyond acceptance: facts that do not stand in the new
/// space's own log.
struct OpeningPolicy {
  let core: ServerCore

  func check(_ opening: SpaceOpening) throws {
    if let organisation = opening.organisation {
      try checkMembers(opening, of: organisation)
    }
    if opening.kind == .engagement { try checkSides(opening) }
    if opening.kind == .assignment, opening.organisation == nil { try checkFamily(opening) }
  }

  /// A client alone is linked with whom they have invited as family, and who has accepted.
  private func checkFamily(_ opening: SpaceOpening) throws {
    let invitations = InvitationTable(database: core.database)
    guard let client = opening.members.first(where: { $0.role == .client })?.account,
      let family = opening.members.first(where: { $0.role == .family })?.account,
      try invitations.hasAccepted(family, .family, from: client)
    else { throw Refusal(.notAllowed, ["not invited"]) }
  }

  /// Administrators stay inside of their organisation, and everybody in their role there
  /// (requirement E2).
  private func checkMembers(_ opening: SpaceOpening, of organisation: OrganisationID) throws {
    let chain = try core.chains.organisationChain(organisation)
    for member in opening.members {
      guard let role = chain?.members[member.account]?.role else {
        throw Refusal(.notAllowed, ["member of another organisation"])
      }
      guard Self.may(role, be: member.role) else { throw Refusal(.notAllowed, ["role"]) }
    }
    if let team = opening.team {
      guard try core.chains.teamChain(team)?.organisation == organisation else {
        throw Refusal(.notAllowed, ["team of another organisation"])
      }
    }
  }

  private static func may(_ role: Role, be member: Role) -> Bool {
    switch member {
    case .admin: role == .admin
    case .practitioner: role == .practitioner
    case .staff: role == .practitioner || role == .admin
    case .client, .contact: role == .client
    case .owner, .family, .server, .author: false
    }
  }

  /// An engagement is between the two sides of its assignment, and nobody else.
  private func checkSides(_ opening: SpaceOpening) throws {
    guard let assignment = opening.assignment,
      let state = try core.openedState(assignment), state.kind == .assignment
    else { throw Refusal(.grantUnknown) }
    let sides = state.presentMembers.filter { state.role(of: $0) != .admin }
    let isSame =
      opening.members.map(\.account).sorted() == sides
      && opening.members.allSatisfy { $0.role == state.role(of: $0.account) }
    guard isSame else { throw Refusal(.notAllowed, ["not a side of the assignment"]) }
  }
}
