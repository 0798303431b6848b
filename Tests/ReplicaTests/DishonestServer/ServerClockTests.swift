import Merge
import Simulation
import SyncProtocol
import Testing

@testable import Replica

/// A server's clock that does not go on is told, and nobody is given access by it.
@Suite struct ServerClockTests {
  private static let hour: UInt64 = 60 * 60 * 1000

  /// The server's sessions begin at another time than it is.
  private func say(_ time: @escaping (UInt64) -> UInt64, to party: Party) {
    party.network.alter = { request, response in
      guard request.path == Path.session, case .success(let bytes) = response else {
        return response
      }
      do {
        let grant = try SessionGrant(decoding: bytes)
        return .success(
          SessionGrant(
            token: grant.token, expiresMilliseconds: grant.expiresMilliseconds,
            timeMilliseconds: time(grant.timeMilliseconds)
          ).encoded)
      } catch {
        preconditionFailure("an honest answer can be read: \(error)")
      }
    }
  }

  private func expectBlocked(_ party: Party, _ problem: String) throws {
    let report = try party.sync()
    #expect(report.warnings == [problem])
    #expect(report.problems == [])
    let status = try party.replica.status()
    #expect(status.serverClockProblem == problem)
    let assignment = try party.replica.assignment(with: nil)
    #expect(throws: ReplicaError.serverClock(problem)) {
      try party.replica.decide("approved", on: assignment)
    }
    #expect(throws: ReplicaError.serverClock(problem)) {
      try party.replica.share(
        "a", with: assignment.practitioner, untilMilliseconds: nil, permissions: [])
    }
  }

  private func expectOpen(_ party: Party) throws {
    let report = try party.sync()
    #expect(report.warnings == [])
    try party.replica.decide("approved", on: party.replica.assignment(with: nil))
  }

  @Test func aClockThatStandsStill() throws {
    let world = try World(opening: ["client"])
    let client = world.client
    try client.sync()
    let frozen = world.clock.now
    world.clock.advance(milliseconds: 25 * Self.hour)
    say({ _ in frozen }, to: client)
    try expectBlocked(client, "the server's clock stands still")
    // It is not forgotten with the next sync, and taking away works all the same.
    try expectBlocked(client, "the server's clock stands still")
    client.network.reset()
    try expectOpen(client)
    say({ _ in frozen + Self.hour }, to: client)
    world.clock.advance(milliseconds: 30 * Self.hour)
    try expectBlocked(client, "the server's clock is behind what it was before")
    try client.replica.decide("revoked", on: client.replica.assignment(with: nil))
  }

  @Test func aClockThatRunsBackwards() throws {
    let world = try World(opening: ["client"])
    let client = world.client
    try client.sync()
    say({ $0 - 4 * 60 * 1000 }, to: client)
    try expectOpen(client)
    say({ $0 - 7 * 60 * 1000 }, to: client)
    try expectBlocked(client, "the server's clock is behind what it was before")
    client.network.reset()
    try expectOpen(client)
  }

  /// A device that was off for a year, or whose own clock is put right, says nothing.
  @Test func anOwnClockThatIsPutRight() throws {
    let world = try World(opening: ["client"])
    let client = world.client
    client.clock.offsetMilliseconds = -400 * 24 * Int64(Self.hour)
    try expectOpen(client)
    client.clock.offsetMilliseconds = 0
    try expectOpen(client)
    world.clock.advance(milliseconds: 365 * 24 * Self.hour)
    try expectOpen(client)
    client.clock.offsetMilliseconds = 30 * Int64(Self.hour)
    try expectBlocked(client, "the server's clock stands still")
    client.clock.offsetMilliseconds = 0
    try expectOpen(client)
  }
}
