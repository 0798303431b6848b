import CBOR
import Merge
import Signing
import SyncProtocol

@testable import SyncServer

extension Clinic {
  func makeTeam() throws -> TeamID {
    let creation = TeamCreation(organisation: organisation, name: "Team")
    return TeamID(try admin.start(.teamCreation(creation)).hash)
  }

  func propose(_ device: TestDevice, for team: TeamID) throws {
    try admin.append(
      .teamProposal(
        TeamProposal(
          account: device.account, accountHead: world.head(.account(device.account)))),
      to: .team(team))
  }

  /// The first member makes the team's key; gives its wrap.
  @discardableResult
  func startTeam(_ team: TeamID, by device: TestDevice) throws -> [UInt8] {
    let wrap = time.bytes(80)
    guard let key = ExchangePublicKey(time.bytes(32)) else { throw ErrorCode.malformed }
    let named = TeamKey.Wrap(account: device.account, hash: Hasher256.content(wrap))
    try device.append(
      .teamKey(TeamKey(generation: 0, key: key, wraps: [named])), to: .team(team), wraps: [wrap])
    return wrap
  }

  @discardableResult
  func admit(_ device: TestDevice, to team: TeamID, by member: TestDevice) throws -> [UInt8] {
    let wrap = time.bytes(80)
    try member.append(
      .teamAdmission(
        TeamAdmission(
          account: device.account, accountHead: world.head(.account(device.account)),
          wrap: Hasher256.content(wrap))),
      to: .team(team), wraps: [wrap])
    return wrap
  }

  struct Casework {
    let space: SpaceID
    let team: TeamID
    let epoch: SignedStatement
  }

  /// A casework space of the client and a team with the practitioner in it, with its first epoch.
  func openCasework() throws -> Casework {
    let team = try makeTeam()
    try propose(practitioner, for: team)
    try startTeam(team, by: practitioner)
    let space = newSpace()
    let opening = SpaceOpening(
      kind: .casework, members: [try world.member(client.account, .contact)], team: team,
      organisation: organisation)
    let opened = try admin.push(
      space, [.statement(admin.sign(.spaceOpening(opening), .space(space)))])
    for case .refused(_, let refusal) in opened { throw refusal }
    let recipients = [client.account.bytes, team.bytes].sorted { $0.lexicographicallyPrecedes($1) }
    let epoch = try epoch(space, by: client, for: recipients)
    for case .refused(_, let refusal) in try client.push(space, [.statement(epoch)]) {
      throw refusal
    }
    return Casework(space: space, team: team, epoch: epoch)
  }

  func newTicket(_ casework: Casework, _ record: RecordID? = nil) -> RecordChange {
    RecordChange(
      type: "ticket", record: record ?? newRecord(), operation: .create,
      writes: [
        FieldWrite(key: "kind", value: .text("bug")),
        FieldWrite(key: "title", value: sealed(casework.epoch), sealed: true),
        FieldWrite(key: "severity", value: .text("minor")),
      ])
  }

  func setSeverity(_ record: RecordID, _ word: String) -> RecordChange {
    RecordChange(
      type: "ticket", record: record, operation: .update,
      writes: [FieldWrite(key: "severity", value: .text(word))])
  }
}
