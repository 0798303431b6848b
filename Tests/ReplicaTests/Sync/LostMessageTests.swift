import Merge
import Simulation
import SyncProtocol
import Testing

@testable import Replica

@Suite struct LostMessageTests {
  /// Trouble with the k-th request, for every k until the sync needs no k-th request.
  @Test(arguments: [Network.Fault.loseRequest, .loseResponse, .duplicateRequest])
  func noRequestIsSpecial(_ fault: Network.Fault) throws {
    let world = try World(opening: ["client", "practitioner"])
    var editor = Editor(seed: 13)
    var number = 0
    var isReached = true
    while isReached {
      try editor.edit(world.client, in: world, times: 3)
      try editor.edit(world.practitioner, in: world, times: 3)
      try world.practitioner.sync()
      isReached = try sync(world.client, fault, at: number)
      number += 1
      try editor.edit(world.client, in: world)
      try world.settle()
      try world.expectConverged()
    }
    try world.expectAccounted(editor.written)
    #expect(number > 8)
  }

  /// The same while an engagement is opened anew: statements, keys, wraps, profiles.
  @Test(arguments: [Network.Fault.loseRequest, .loseResponse, .duplicateRequest])
  func noRequestOfAnOpeningIsSpecial(_ fault: Network.Fault) throws {
    let world = try World(opening: ["client", "practitioner"])
    let client = world.client
    var engagements: Set<SpaceID> = [world.facts.engagement]
    var number = 0
    var isReached = true
    while isReached {
      for word in ["revoked", "approved"] {
        try client.replica.decide(word, on: client.replica.assignment(with: nil))
        if word == "revoked" { try world.settle() }
      }
      // Each past engagement is pulled once more; that is not what is tried here.
      isReached = try sync(client, fault, at: number, uncounted: engagements)
      number += 1
      try world.settle()
      try world.expectConverged()
      let open = try #require(try client.replica.engagement(of: world.facts.assignment))
      #expect(engagements.insert(open).inserted)
      for party in [client, world.practitioner] {
        let epoch = try #require(try party.replica.store.state(open).currentEpoch)
        #expect(try party.replica.unlockedKeys().holds(.epoch(open, epoch)))
        #expect(try party.evidenceKinds() == [])
      }
    }
    #expect(number > 12)
  }

  /// - Parameter uncounted: spaces whose pulls are not numbered.
  /// - Returns: whether the sync came to the request.
  private func sync(
    _ party: Party, _ fault: Network.Fault, at number: Int, uncounted: Set<SpaceID> = []
  ) throws -> Bool {
    var count = 0
    party.network.reset()
    party.network.fault = { _, request in
      if let space = request.pulledSpace, uncounted.contains(space) { return .none }
      count += 1
      return count == number + 1 ? fault : .none
    }
    do {
      try party.sync()
    } catch ReplicaError.notReachable {
      #expect(fault != .duplicateRequest)
    } catch ReplicaError.server(.sessionExpired) {
      // A challenge is good once; the next sync gets another.
      #expect(fault == .duplicateRequest)
    }
    party.network.reset()
    return count > number
  }

  @Test func offlineNothingIsLost() throws {
    let world = try World(opening: ["client"])
    var editor = Editor(seed: 14)
    world.client.network.isOffline = true
    try editor.edit(world.client, in: world, times: 10)
    #expect(throws: ReplicaError.notReachable("offline")) { try world.client.sync() }
    try world.client.reopen()
    world.client.network.reset()
    try world.settle()
    try world.expectConverged()
    try world.expectAccounted(editor.written)
  }
}
