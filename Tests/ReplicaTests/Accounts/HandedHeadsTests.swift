import Merge
import Signing
import Simulation
import SyncProtocol
import Testing

@testable import Replica

/// A new device knows from the one that let it in how far everything had got.
@Suite struct HandedHeadsTests {
  private func waiting(_ party: Party) throws -> (spaces: Int, chains: Int) {
    let count = { (table: String) in
      try party.replica.database.first("SELECT COUNT(*) FROM \(table)") { Int($0.integer(0)) } ?? 0
    }
    return (try count("handed_space"), try count("handed_chain"))
  }

  @Test func whatIsShownGoesThroughWhatWasHandedOver() throws {
    let world = try World(opening: ["client"])
    let phone = try world.enrolPhone()
    let before = try waiting(phone)
    #expect(before.spaces >= 4)
    #expect(before.chains >= 3)
    let report = try phone.sync()
    #expect(report.warnings.isEmpty)
    #expect(!report.sawDishonesty)
    let after = try waiting(phone)
    #expect(after.spaces == 0)
    #expect(after.chains == 0)
  }

  /// An old state, shown to a device that has nothing yet.
  @Test func anOlderStateIsNoticed() throws {
    let world = try World(opening: ["client"])
    let client = world.client
    let casework = world.facts.casework
    _ = try client.makeTicket(in: casework, title: "withheld")
    try client.sync()
    let phone = try world.enrolPhone()
    phone.network.alter = { request, response in
      request.path == Path.feed ? Self.without(casework, response) : response
    }
    let report = try phone.sync()
    #expect(report.warnings.contains { $0.contains("less of a space than your other device") })
    let evidence = try phone.replica.status().evidenceCount
    #expect(evidence > 0)
    phone.network.reset()
    try phone.sync()
    let after = try waiting(phone)
    #expect(after.spaces == 0)
  }

  /// The feed without a word of one space.
  private static func without(_ space: SpaceID, _ response: Response) -> Response {
    guard case .success(let bytes) = response else { return response }
    do {
      let feed = try FeedResponse(decoding: bytes)
      return .success(
        FeedResponse(
          position: feed.position, moved: feed.moved.filter { $0.space != space },
          timeMilliseconds: feed.timeMilliseconds
        ).encoded)
    } catch {
      return response
    }
  }

  /// Heads that no device of the account has signed.
  @Test func nobodyElseHandsOverHeads() throws {
    let world = try World(opening: ["client", "practitioner"])
    let phone = try world.enrolPhone()
    let foreign = try world.practitioner.replica.handedHeads(for: phone.replica.identity.device)
    #expect(throws: ReplicaError.self) { try phone.replica.takeHandedHeads(foreign) }
    let other = try world.client.replica.handedHeads(for: world.client.replica.identity.device)
    #expect(throws: ReplicaError.self) { try phone.replica.takeHandedHeads(other) }
  }

  /// Another history of a space than the other device has seen.
  @Test func anotherHistoryStopsTheSpace() throws {
    let world = try World(opening: ["client"])
    let phone = try world.enrolPhone()
    let casework = world.facts.casework
    let seen = try #require(
      try world.client.replica.handedHeads(for: phone.replica.identity.device).spaces
        .first { $0.space == casework }?.seen)
    let forged = SeenHeads(
      account: seen.account, incarnation: seen.incarnation, position: seen.position, head: .zero,
      schema: seen.schema)
    try phone.replica.database.run(
      "UPDATE handed_space SET seen = ? WHERE space = ?", .blob(forged.encoded),
      .blob(casework.bytes))
    let report = try phone.sync()
    #expect(report.sawDishonesty)
    let isForked = try phone.replica.isForked(casework)
    #expect(isForked)
  }
}
