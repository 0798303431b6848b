import Merge
import Simulation
import SyncProtocol
import Testing

@testable import Replica

@Suite struct LockedHomeTests {
  /// What a locked device may ask for.
  private static let quiet: Set<String> = [
    Path.info, Path.challenge, Path.session, Path.feed, Path.pull, Path.chains, Path.purged,
  ]

  @Test func itPullsAndSendsNothing() throws {
    let world = try World(opening: ["client", "practitioner"])
    let (practitioner, casework) = (world.practitioner, world.facts.casework)
    let mine = try practitioner.makeTicket(in: casework)
    let theirs = try world.client.makeTicket(in: casework)
    try world.client.sync()
    practitioner.replica.lock()
    let report = try practitioner.sync()
    #expect(report.wasLocked)
    #expect(report.acceptedCount == 0)
    let paths = Set(practitioner.network.requests.map(\.path))
    #expect(paths.isSubset(of: Self.quiet))
    let isThere = try practitioner.isShown("ticket", theirs, in: casework)
    #expect(isThere)
    let unsent = try practitioner.unsentCount()
    #expect(unsent == 1)
    try practitioner.unlock()
    try world.settle()
    let hasArrived = try world.client.isShown("ticket", mine, in: casework)
    #expect(hasArrived)
    try world.expectConverged()
  }

  @Test func itPurges() throws {
    let world = try World(opening: ["client", "practitioner"])
    let practitioner = world.practitioner
    try world.client.replica.decide("revoked", on: world.client.replica.assignment(with: nil))
    try world.client.sync()
    practitioner.replica.lock()
    let report = try practitioner.sync()
    #expect(report.left == [world.facts.engagement: .consentEnded])
    #expect(practitioner.network.requests.contains { $0.path == Path.purged })
    let keys = try practitioner.replica.database.first(
      "SELECT COUNT(*) FROM key_ring WHERE name LIKE 'epoch/\(world.facts.engagement.hex)/%'"
    ) { $0.integer(0) }
    #expect(keys == 0)
  }

  @Test func itWritesNothing() throws {
    let world = try World(opening: ["client"])
    world.client.replica.lock()
    #expect(throws: ReplicaError.locked) {
      try world.client.makeTicket(in: world.facts.casework)
    }
    let unsent = try world.client.unsentCount()
    #expect(unsent == 0)
  }
}
