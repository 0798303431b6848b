import Foundation
import Merge
import Replica
import Signing
import SyncProtocol
import SyncServer

/// How a practice comes about: what its people would do by hand, command by command.
struct Founding {
  private let folder: TemporaryFolder
  private let cast: Cast
  private let clock: VirtualClock
  private let parties: [String: Party]

  init(_ folder: TemporaryFolder, _ cast: Cast) {
    let clock = VirtualClock()
    self.folder = folder
    self.cast = cast
    self.clock = clock
    var parties: [String: Party] = [:]
    for (index, name) in cast.names.enumerated() {
      parties[name] = Party(
        name, homePath: "\(folder.path)/\(name)", clock: clock, seed: UInt64(index) + 1)
    }
    self.parties = parties
  }

  private subscript(name: String) -> Party {
    guard let party = parties[name] else { preconditionFailure("there is no \(name)") }
    return party
  }

  private var admin: Party { self["admin"] }
  private var all: [Party] { cast.names.map { self[$0] } }

  func run() throws -> Template {
    let clock = clock
    let directory = "\(folder.path)/server"
    let environment = Environment(
      nowMilliseconds: { clock.now }, random: SeededRandom(seed: 1000))
    let invitation = try SyncServer.initialize(directory: directory, environment: environment)
    let server = try SyncServer(directory: directory, environment: environment)
    for party in all { party.network.server = server }

    try join(admin, invitation)
    let organisation = try admin.replica.foundOrganisation(name: "Practice", admin.network)
    for member in cast.members where member.person == nil && member.role != .admin {
      let invitation = try admin.replica.invite(
        role: member.role, name: member.name, admin.network)
      try join(self[member.name], invitation)
    }
    try admin.sync()
    let team = try makeTeam()
    let assignments = try cast.pairs.map { try consent(self[$0.practitioner], self[$0.client]) }
    for member in cast.members {
      if let person = member.person { try enrol(self[member.name], by: self[person]) }
    }
    let caseworks = try cast.people(.client).map { name in
      try admin.replica.openCasework(client: self[name].account, team: team, admin.network)
    }
    for _ in 0..<3 { for party in all { try party.sync() } }
    guard let engagement = try self["client"].replica.engagement(of: assignments[0]) else {
      throw ReplicaError.notFound("engagement")
    }
    let facts = World.Facts(
      organisation: organisation, team: team, assignment: assignments[0],
      engagement: engagement, casework: caseworks[0],
      passwordKeys: Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0.passwordKey) }),
      nowMilliseconds: clock.now)
    for party in all { party.close() }
    try server.close()
    return Template(path: folder.path, facts: facts)
  }

  private func join(_ party: Party, _ invitation: Invitation) throws {
    let home = try Home.create(at: party.homePath)
    let replica = try party.withPassword { password in
      try Replica.register(
        home: home, password: password, invitation: invitation, name: party.name,
        url: "test:", transport: party.network, environment: party.environment)
    }
    try party.adopt(replica)
  }

  /// All practitioners; the first one starts it, and lets the others in.
  private func makeTeam() throws -> TeamID {
    let team = try admin.replica.createTeam(name: "Team", admin.network)
    let members = cast.people(.practitioner).map { self[$0] }
    for member in members {
      try member.sync()
      try admin.replica.propose(member.account, for: team, admin.network)
    }
    try members[0].replica.startTeam(team, members[0].network)
    for member in members.dropFirst() {
      try members[0].replica.admit(member.account, to: team, members[0].network)
    }
    return team
  }

  private func consent(_ practitioner: Party, _ client: Party) throws -> SpaceID {
    let space = try admin.replica.assign(
      practitioner: practitioner.account, client: client.account,
      terms: ConsentTerms(permissions: Permission.allCases, untilMilliseconds: nil),
      admin.network)
    for (party, word) in [(practitioner, "accepted"), (client, "approved")] {
      try party.sync()
      let assignments = try party.replica.assignments()
      guard let assignment = assignments.first(where: { $0.space == space }) else {
        throw ReplicaError.notFound("assignment")
      }
      try party.replica.decide(word, on: assignment)
      try party.sync()
    }
    try client.sync()
    return space
  }

  private func enrol(_ device: Party, by owner: Party) throws {
    let offer = try owner.replica.offerEnrolment()
    let home = try Home.create(at: device.homePath)
    let pending = try device.withPassword { password in
      try Replica.enrol(
        home: home, password: password, enrolment: offer, url: "test:",
        transport: device.network, environment: device.environment)
    }
    let candidates = try owner.replica.candidates(owner.network)
    guard case .code(let code) = try pending.proceed(device.network),
      let candidate = candidates.first(where: { $0.shortCode == code })
    else { throw ReplicaError.notFound("candidate") }
    try owner.replica.approve(candidate, owner.network)
    let replica = try device.withPassword { password in
      try Replica.finishEnrolment(
        home: home, password: password, transport: device.network,
        environment: device.environment)
    }
    guard let replica else { throw ReplicaError.notReady("enrolment") }
    try device.adopt(replica)
  }
}
