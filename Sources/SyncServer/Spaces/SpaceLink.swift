import Database
import Merge
import SpaceStore

/// Which other histories a space rests on, as its first statement said.
struct SpaceLink: Hashable {
  let opener: AccountID
  let organisation: OrganisationID?
  let team: TeamID?
  let assignment: SpaceID?
}

struct SpaceLinkTable {
  let database: SQLiteDatabase

  func insert(_ link: SpaceLink, _ space: SpaceID) throws {
    try database.run(
      "INSERT INTO space_link VALUES (?, ?, ?, ?, ?)", .blob(space.bytes),
      .blob(link.opener.bytes), link.organisation.map { .blob($0.bytes) } ?? .null,
      link.team.map { .blob($0.bytes) } ?? .null,
      link.assignment.map { .blob($0.bytes) } ?? .null)
  }

  func find(_ space: SpaceID) throws -> SpaceLink? {
    try database.first(
      "SELECT opener, organisation, team, assignment FROM space_link WHERE space = ?",
      .blob(space.bytes)
    ) { row in
      guard let opener = AccountID(row.blob(0)) else { throw StateError.damaged }
      return SpaceLink(
        opener: opener, organisation: row.optionalBlob(1).flatMap { OrganisationID($0) },
        team: row.optionalBlob(2).flatMap { TeamID($0) },
        assignment: row.optionalBlob(3).flatMap { SpaceID($0) })
    }
  }

  /// Engagements that rest on an assignment, sorted.
  func engagements(on assignment: SpaceID) throws -> [SpaceID] {
    try spaces("assignment", assignment.bytes)
  }

  /// Spaces whose staff is a team, sorted.
  func spaces(of team: TeamID) throws -> [SpaceID] { try spaces("team", team.bytes) }

  /// Spaces whose administrators are an organisation's, sorted.
  func spaces(of organisation: OrganisationID) throws -> [SpaceID] {
    try spaces("organisation", organisation.bytes)
  }

  private func spaces(_ column: String, _ id: [UInt8]) throws -> [SpaceID] {
    try database.rows(
      "SELECT space FROM space_link WHERE \(column) = ? ORDER BY space", .blob(id)
    ) { row in
      guard let space = SpaceID(row.blob(0)) else { throw StateError.damaged }
      return space
    }
  }
}
