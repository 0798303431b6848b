import Foundation
import Merge
import Replica
import Signing
import SyncProtocol
import SyncServer

/// The founded world on disk, made once a run.
package struct Template: Sendable {
  package let path: String
  package let facts: World.Facts

  package static let shared: Result<Template, any Error> = Result {
    let folder = try TemporaryFolder()
    // Lives as long as the process; a static value has no end of its own.
    _ = Unmanaged.passRetained(folder)
    atexit {
      guard case .success(let template) = Template.shared else { return }
      do {
        try FileManager.default.removeItem(atPath: template.path)
      } catch {
        print("notice: \(template.path) was not removed: \(error)")
      }
    }
    return try Founding(folder).run()
  }
}

/// How the practice comes about: what the people would do by hand, command by command.
private struct Founding {
  package let folder: TemporaryFolder
  package let clock = VirtualClock()
  package let admin: Party
  package let practitioner: Party
  package let client: Party
  package let tablet: Party
  package var all: [Party] { [admin, practitioner, client, tablet] }

  package init(_ folder: TemporaryFolder) {
    let clock = clock
    let party = { (name: String, seed: UInt64) in
      Party(name, homePath: "\(folder.path)/\(name)", clock: clock, seed: seed)
    }
    self.folder = folder
    admin = party("admin", 1)
    practitioner = party("practitioner", 2)
    client = party("client", 3)
    tablet = party("tablet", 4)
  }

  package func run() throws -> Template {
    let clock = clock
    let directory = "\(folder.path)/server"
    let environment = Environment(
      nowMilliseconds: { clock.now }, random: SeededRandom(seed: 5))
    let invitation = try SyncServer.initialize(directory: directory, environment: environment)
    let server = try SyncServer(directory: directory, environment: environment)
    for party in all { party.network.server = server }

    try join(admin, invitation)
    let organisation = try admin.replica.foundOrganisation(name: "Practice", admin.network)
    for (party, role) in [(practitioner, Role.practitioner), (client, .client)] {
      let invitation = try admin.replica.invite(role: role, name: party.name, admin.network)
      try join(party, invitation)
    }
    try admin.sync()
    let team = try makeTeam()
    let assignment = try consent()
    try enrolTablet()
    let casework = try admin.replica.openCasework(
      client: client.account, team: team, admin.network)
    for _ in 0..<3 { for party in all { try party.sync() } }

    guard let engagement = try client.replica.engagement(of: assignment) else {
      throw ReplicaError.notFound("engagement")
    }
    let facts = World.Facts(
      organisation: organisation, team: team, assignment: assignment, engagement: engagement,
      casework: casework,
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

  private func makeTeam() throws -> TeamID {
    let team = try admin.replica.createTeam(name: "Team", admin.network)
    try practitioner.sync()
    try admin.replica.propose(practitioner.account, for: team, admin.network)
    try practitioner.replica.startTeam(team, practitioner.network)
    return team
  }

  private func consent() throws -> SpaceID {
    let assignment = try admin.replica.assign(
      practitioner: practitioner.account, client: client.account,
      terms: ConsentTerms(permissions: Permission.allCases, untilMilliseconds: nil),
      admin.network)
    for (party, word) in [(practitioner, "accepted"), (client, "approved")] {
      try party.sync()
      try party.replica.decide(word, on: party.replica.assignment(with: nil))
      try party.sync()
    }
    try client.sync()
    return assignment
  }

  private func enrolTablet() throws {
    let offer = try client.replica.offerEnrolment()
    let home = try Home.create(at: tablet.homePath)
    let requested = try tablet.withPassword { password in
      try Replica.enrol(
        home: home, password: password, enrolment: offer, url: "test:",
        transport: tablet.network, environment: tablet.environment)
    }
    let candidates = try client.replica.candidates(client.network)
    guard let candidate = candidates.first, candidate.shortCode == requested.shortCode else {
      throw ReplicaError.notFound("candidate")
    }
    try client.replica.approve(candidate, client.network)
    let replica = try tablet.withPassword { password in
      try Replica.finishEnrolment(
        home: home, password: password, transport: tablet.network,
        environment: tablet.environment)
    }
    guard let replica else { throw ReplicaError.notReady("enrolment") }
    try tablet.adopt(replica)
  }
}
