import Merge
import Simulation
import SyncProtocol
import Testing

@testable import Replica

@Suite struct ClockTests {
  private static let hour: Int64 = 60 * 60 * 1000

  /// The headers under which a party's commits stand in the server's log, by journal sequence.
  private func headers(_ world: World, _ party: Party) throws -> [(Origin, CommitHeader)] {
    try world.withServerStore { store in
      let number = try store.number(of: world.facts.casework)
      let entries = try store.log.entries(
        space: number, after: .zero, byteCountMax: 1 << 24)
      return try entries.compactMap { entry in
        guard case .commit(let origin, let commit) = entry,
          origin.replica == party.replica.identity.replica
        else { return nil }
        return (origin, try commit.decodedHeader())
      }
    }
  }

  @Test func aClockAheadIsCorrectedByItself() throws {
    let world = try World(opening: ["client", "tablet"])
    let (tablet, casework) = (world.tablet, world.facts.casework)
    try world.settle()
    let context = try tablet.replica.store.state(casework).position
    tablet.clock.offsetMilliseconds = 2 * Self.hour
    let ticket = try tablet.makeTicket(in: casework)
    try tablet.write(.update, "ticket", ticket, [.init("title", .text("2"))], in: casework)
    try tablet.write(
      .update, "ticket", ticket, [.init("severity", .text("major"))], in: casework)
    let report = try tablet.sync()
    #expect(report.acceptedCount == 3)
    #expect(report.refused.isEmpty)
    try world.settle()
    try world.expectConverged()

    let found = try headers(world, tablet)
    #expect(found.map(\.0.sequence) == [4, 5, 6])
    #expect(found.map(\.1.origin?.sequence) == [1, 2, 3])
    for (_, header) in found {
      #expect(header.context.position == context)
      #expect(header.time.milliseconds <= world.clock.now)
    }
    let title = try world.client.shownText("ticket", ticket, "title", in: casework)
    #expect(title == "2")
    let rejected = try tablet.rejectedRefusals()
    #expect(rejected == [])
  }

  @Test func fromThenOnTheWriterClamps() throws {
    let world = try World(opening: ["client", "tablet"])
    let (tablet, casework) = (world.tablet, world.facts.casework)
    tablet.clock.offsetMilliseconds = 2 * Self.hour
    try tablet.sync()
    _ = try tablet.makeTicket(in: casework)
    tablet.network.reset()
    try tablet.sync()
    #expect(tablet.network.requests.count { $0.path == Path.push } == 1)
    let found = try headers(world, tablet)
    #expect(found.map(\.0.sequence) == [1])
  }

  /// The push that would bring the refusal is lost; the refusal is read in the log, while locked.
  @Test(arguments: [true, false])
  func aLostVerdictChangesNothing(isLocked: Bool) throws {
    let world = try World(opening: ["client", "tablet"])
    let (tablet, casework) = (world.tablet, world.facts.casework)
    tablet.clock.offsetMilliseconds = 2 * Self.hour
    let ticket = try tablet.makeTicket(in: casework)
    tablet.network.fault = { _, request in request.path == Path.push ? .loseResponse : .none }
    #expect(throws: ReplicaError.self) { try tablet.sync() }
    tablet.network.reset()
    if isLocked {
      tablet.replica.lock()
      try tablet.sync()
      try tablet.unlock()
    }
    try tablet.sync()
    try world.settle()
    try world.expectConverged()
    let isShown = try world.client.isShown("ticket", ticket, in: casework)
    #expect(isShown)
    let rejected = try tablet.rejectedRefusals()
    #expect(rejected == [])
  }

  /// Created ahead of time, edited after the clock was corrected: both are sent together, and the
  /// edit follows its record.
  @Test func anEditFollowsTheRecordThatIsWrittenAnew() throws {
    let world = try World(opening: ["client", "tablet"])
    let (tablet, casework) = (world.tablet, world.facts.casework)
    tablet.clock.offsetMilliseconds = 2 * Self.hour
    let ticket = try tablet.makeTicket(in: casework)
    tablet.network.fault = { _, request in request.path == Path.push ? .loseRequest : .none }
    #expect(throws: ReplicaError.self) { try tablet.sync() }
    tablet.network.reset()
    try tablet.write(
      .update, "ticket", ticket, [.init("title", .text("edited"))], in: casework)
    try tablet.sync()
    try world.settle()
    try world.expectConverged()
    let title = try world.client.shownText("ticket", ticket, "title", in: casework)
    #expect(title == "edited")
    let rejected = try tablet.rejectedRefusals()
    #expect(rejected == [])
  }

  /// Each step was decided on the one before it: without that one it would be refused.
  @Test func stepsThatRestOnEachOtherAreAllWrittenAnew() throws {
    let world = try World(opening: ["client", "tablet"])
    let (tablet, casework) = (world.tablet, world.facts.casework)
    let ticket = try tablet.replica.newTicket(TicketDraft(title: "T"), in: casework).reference
    try world.settle()
    tablet.clock.offsetMilliseconds = 2 * Self.hour
    for step in [TicketStep.close, .reopen, .close] {
      #expect(try tablet.replica.take(step, on: ticket))
    }
    try tablet.sync()
    try world.settle()
    try world.expectConverged()
    #expect(try world.client.replica.ticket(ticket).stateName == "closed")
    #expect(try world.client.replica.conflicts().isEmpty)
    let rejected = try tablet.rejectedRefusals()
    #expect(rejected == [])
  }

  /// Hardly more ahead than is let through: written anew once, not again and again.
  @Test func atTheLimitItIsWrittenAnewOnce() throws {
    let world = try World(opening: ["client", "tablet"])
    let (tablet, casework) = (world.tablet, world.facts.casework)
    try world.settle()
    _ = try world.client.makeTicket(in: casework)
    try world.client.sync()
    tablet.clock.offsetMilliseconds = 5 * 60 * 1000 - 50
    world.clock.advance(milliseconds: 300)
    _ = try tablet.makeTicket(in: casework)
    try tablet.sync()
    #expect(tablet.network.requests.count { $0.path == Path.push } <= 2)
    try world.settle()
    try world.expectConverged()
  }

  @Test func aClockBehindIsNoReasonToRefuse() throws {
    let world = try World(opening: ["client", "tablet"])
    world.tablet.clock.offsetMilliseconds = -400 * 24 * Self.hour
    _ = try world.tablet.makeTicket(in: world.facts.casework)
    let report = try world.tablet.sync()
    #expect(report.acceptedCount == 1)
    try world.settle()
    try world.expectConverged()
  }
}
