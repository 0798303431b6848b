import Merge
import Replica
import SyncProtocol

extension World {
  /// A second practitioner, or somebody else, who has just registered.
  package func joinSecond(_ role: Role = .practitioner) throws -> Party {
    let second = makeParty("second")
    let invitation = try admin.replica.invite(
      role: role, name: "Second", admin.network)
    let home = try Home.create(at: second.homePath)
    let replica = try second.withPassword { password in
      try Replica.register(
        home: home, password: password, invitation: invitation, name: "Second", url: "test:",
        transport: second.network, environment: second.environment)
    }
    try second.adopt(replica)
    try admin.sync()
    return second
  }

  /// One more device of the client, or of somebody else.
  package func enrolPhone(of person: Party? = nil) throws -> Party {
    let first = person ?? client
    let phone = makeParty("phone")
    let offer = try first.replica.offerEnrolment()
    let home = try Home.create(at: phone.homePath)
    _ = try phone.withPassword { password in
      try Replica.enrol(
        home: home, password: password, enrolment: offer, url: "test:",
        transport: phone.network, environment: phone.environment)
    }
    for candidate in try first.replica.candidates(first.network) {
      try first.replica.approve(candidate, first.network)
    }
    let replica = try phone.withPassword { password in
      try Replica.finishEnrolment(
        home: home, password: password, transport: phone.network,
        environment: phone.environment)
    }
    guard let replica else { throw ReplicaError.notReady("enrolment") }
    try phone.adopt(replica)
    return phone
  }

  /// A second member of the team, let in by the practitioner.
  package func joinTeam() throws -> Party {
    let second = try joinSecond()
    try second.sync()
    try admin.replica.propose(second.account, for: facts.team, admin.network)
    try practitioner.sync()
    try practitioner.replica.admit(second.account, to: facts.team, practitioner.network)
    for _ in 0..<2 { for party in [second, practitioner, client] { try party.sync() } }
    return second
  }
}
