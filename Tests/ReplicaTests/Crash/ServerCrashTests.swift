import Merge
import Simulation
import SyncProtocol
import Testing

@testable import Replica
@testable import SyncServer

/// The server's process ends at every transaction boundary, one run after the other.
@Suite struct ServerCrashTests {
  private func sync(_ party: Party) throws {
    do { try party.sync() } catch ReplicaError.notReachable {}
  }

  @Test func duringSyncs() throws {
    let world = try World(opening: ["client", "practitioner"])
    var editor = Editor(seed: 23)
    var number = 0
    var isReached = true
    while isReached {
      for party in [world.client, world.practitioner] {
        try editor.edit(party, in: world, times: 4)
      }
      isReached = try world.crashServer(at: number) {
        try sync(world.client)
        try sync(world.practitioner)
      }
      number += 1
      try world.settle()
      try world.expectConverged()
    }
    try world.expectAccounted(editor.written)
    #expect(number > 4)
  }

  @Test func whileOneEngagementEndsAndAnotherBegins() throws {
    let world = try World(opening: ["client", "practitioner"])
    let client = world.client
    var number = 0
    var isReached = true
    var engagements: Set<SpaceID> = [world.facts.engagement]
    while isReached {
      isReached = try world.crashServer(at: number) {
        for word in ["revoked", "approved"] {
          try client.replica.decide(word, on: client.replica.assignment(with: nil))
          try sync(client)
          try sync(world.practitioner)
        }
        try sync(client)
      }
      number += 1
      try world.settle()
      try world.expectConverged()
      let open = try #require(try client.replica.engagement(of: world.facts.assignment))
      #expect(engagements.insert(open).inserted)
      try world.practitioner.makeAccessRequest(in: open, reason: "still here")
      try world.settle()
      try world.expectConverged()
    }
    #expect(number > 8)
  }

  /// What was answered is there after a loss of power: nobody has to ask twice.
  @Test func anAnsweredRegistrationIsThere() throws {
    let world = try World(opening: ["admin"])
    var isReached = true
    var number = 0
    while isReached {
      let party = world.makeParty("newcomer \(number)")
      let invitation = try world.admin.replica.invite(
        role: .client, name: party.name, world.admin.network)
      let home = try Home.create(at: party.homePath)
      isReached = try world.crashServer(at: number) {
        do {
          let replica = try party.withPassword { password in
            try Replica.register(
              home: home, password: password, invitation: invitation, name: nil, url: "test:",
              transport: party.network, environment: party.environment)
          }
          try party.adopt(replica)
        } catch ReplicaError.notReachable {}
      }
      number += 1
      if isReached {
        let replica = try Replica.open(home, environment: party.environment)
        try party.withPassword { try replica.unlock(password: $0) }
        try party.adopt(replica)
      }
      try party.sync()
      let report = try world.admin.sync()
      #expect(report.news.count == 1)
    }
    #expect(number == 3)
  }
}
