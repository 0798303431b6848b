import CBOR
import Database
import Merge
import Simulation
import SyncProtocol
import Testing

@testable import Replica
@testable import SpaceStore

@Suite struct WithdrawalTests {
  private func revoke(_ world: World) throws {
    try world.client.replica.decide(
      "revoked", on: world.client.replica.assignment(with: nil), reason: "enough")
    try world.client.sync()
  }

  private func epochKeyCount(_ party: Party, _ space: SpaceID) throws -> Int64? {
    try party.replica.database.first(
      "SELECT COUNT(*) FROM key_ring WHERE name LIKE ?", .text("epoch/\(space.hex)/%")
    ) { $0.integer(0) }
  }

  private func rowCount(_ party: Party, _ space: SpaceID) throws -> Int64 {
    let number = try party.replica.store.number(of: space)
    let tables = ["access_request", "profile", "note", "share", "log", "_sibling", "_accepted"]
    return try tables.reduce(0) { sum, table in
      let count = try party.replica.database.first(
        "SELECT COUNT(*) FROM \(table) WHERE space = ?", .integer(number)
      ) { $0.integer(0) }
      return sum + (count ?? 0)
    }
  }

  @Test func whatWasWrittenOfflineIsRefusedAndKept() throws {
    let world = try World(opening: ["client", "practitioner"])
    let (practitioner, space) = (world.practitioner, world.facts.engagement)
    let written = try practitioner.makeAccessRequest(in: space, reason: "please")
    try revoke(world)
    let report = try practitioner.sync()
    #expect(report.refused.map(\.refusal.code) == [.ended])
    #expect(report.left == [space: .consentEnded])
    let reasons = try practitioner.rejectedDrafts().flatMap(\.changes).flatMap(\.writes)
    #expect(reasons.first { $0.key == "reason" }?.value == .text("please"))
    let keys = try epochKeyCount(practitioner, space)
    #expect(keys == 0)
    let rows = try rowCount(practitioner, space)
    #expect(rows == 0)
    let unsent = try practitioner.unsentCount()
    #expect(unsent == 0)
    try world.settle()
    try world.expectConverged()
    try world.expectAccounted([written])
  }

  @Test func thePurgeSurvivesTheProcessAndIsReported() throws {
    let world = try World(opening: ["client", "practitioner"])
    try revoke(world)
    try world.practitioner.sync()
    #expect(world.practitioner.network.requests.contains { $0.path == Path.purged })
    try world.practitioner.reopen()
    let hasLeft = try world.practitioner.replica.hasLeft(world.facts.engagement)
    #expect(hasLeft)
    world.practitioner.network.reset()
    try world.practitioner.sync()
    #expect(!world.practitioner.network.requests.contains { $0.path == Path.purged })
  }

  @Test func aLaterConsentStartsAnew() throws {
    let world = try World(opening: ["client", "practitioner"])
    let (practitioner, old) = (world.practitioner, world.facts.engagement)
    try practitioner.makeAccessRequest(in: old, reason: "first")
    try practitioner.sync()
    try revoke(world)
    try practitioner.sync()
    try world.client.replica.decide(
      "approved", on: world.client.replica.assignment(with: nil))
    try world.settle()
    let new = try #require(try practitioner.replica.engagement(of: world.facts.assignment))
    #expect(new != old)
    let client = try world.client.replica.engagement(of: world.facts.assignment)
    #expect(client == new)
    let hasLeft = try practitioner.replica.hasLeft(old)
    #expect(hasLeft)
    let rows = try rowCount(practitioner, old)
    #expect(rows == 0)
    try practitioner.makeAccessRequest(in: new, reason: "second")
    try world.settle()
    try world.expectConverged()
  }

  /// Accepted, but its answer was lost; then the consent is withdrawn. Nothing waits for ever.
  @Test func acceptedBeforeTheEndAndNeverPulled() throws {
    let world = try World(opening: ["client", "practitioner"])
    let practitioner = world.practitioner
    let written = try practitioner.makeAccessRequest(
      in: world.facts.engagement, reason: "in time")
    practitioner.network.fault = { _, request in
      request.path == Path.push ? .loseResponse : .none
    }
    #expect(throws: ReplicaError.self) { try practitioner.sync() }
    practitioner.network.reset()
    try revoke(world)
    try practitioner.sync()
    let rejected = try practitioner.rejectedRefusals()
    #expect(rejected == [])
    try world.settle()
    try world.expectConverged()
    try world.expectAccounted([written])
  }

  /// The same, but a locked device pulls and purges first.
  @Test func acceptedBeforeTheEndAndPurgedWhileLocked() throws {
    let world = try World(opening: ["client", "practitioner"])
    let practitioner = world.practitioner
    let inTime = try practitioner.makeAccessRequest(
      in: world.facts.engagement, reason: "in time")
    practitioner.network.fault = { _, request in
      request.path == Path.push ? .loseResponse : .none
    }
    #expect(throws: ReplicaError.self) { try practitioner.sync() }
    practitioner.network.reset()
    let tooLate = try practitioner.makeAccessRequest(
      in: world.facts.engagement, reason: "too late")
    try revoke(world)
    practitioner.replica.lock()
    let report = try practitioner.sync()
    #expect(report.left == [world.facts.engagement: .consentEnded])
    try practitioner.unlock()
    try practitioner.sync()
    try world.settle()
    try world.expectConverged()
    try world.expectAccounted([inTime, tooLate])
  }

  /// A withdrawal is noticed by the practitioner even if the engagement's log is held back.
  @Test func theAssignmentAloneEndsTheEngagement() throws {
    let world = try World(opening: ["client", "practitioner"])
    let (practitioner, space) = (world.practitioner, world.facts.engagement)
    try practitioner.sync()
    let accepted = try practitioner.makeAccessRequest(in: space, reason: "one")
    practitioner.network.fault = { _, request in
      request.pulledSpace == space ? .loseRequest : .none
    }
    #expect(throws: ReplicaError.self) { try practitioner.sync() }
    let unanswered = try practitioner.makeAccessRequest(in: space, reason: "two")
    practitioner.network.fault = { _, request in
      request.path == Path.push ? .loseResponse : .none
    }
    #expect(throws: ReplicaError.self) { try practitioner.sync() }
    practitioner.network.reset()
    try revoke(world)
    practitioner.replica.lock()
    practitioner.network.alter = { request, response in
      request.pulledSpace == space ? .failure(.notFound) : response
    }
    let report = try practitioner.sync()
    #expect(report.left == [space: .consentEnded])
    try practitioner.unlock()
    practitioner.network.reset()
    try practitioner.sync()
    let unsent = try practitioner.unsentCount()
    #expect(unsent == 0)
    try world.expectAccounted([accepted, unanswered])
  }

  @Test func thePractitionerMayWithdrawToo() throws {
    let world = try World(opening: ["client", "practitioner"])
    let practitioner = world.practitioner
    try practitioner.replica.decide(
      "withdrawn", on: practitioner.replica.assignment(with: nil))
    try world.settle()
    let hasLeft = try practitioner.replica.hasLeft(world.facts.engagement)
    #expect(hasLeft)
    let ended = try world.client.replica.store.state(world.facts.engagement).ended
    #expect(ended != nil)
    try world.expectConverged()
  }
}
