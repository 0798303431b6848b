import Merge
import Simulation
import SyncProtocol
import Testing

@testable import Replica

@Suite struct RefusedWriteTests {
  /// The client's devices have a comment; one deletes it, the other edits it offline.
  private func world() throws -> (world: World, ticket: RecordID, comment: RecordID) {
    let world = try World(opening: ["client", "tablet"])
    let casework = world.facts.casework
    let ticket = try world.client.makeTicket(in: casework)
    let comment = try world.client.makeComment(on: ticket, in: casework)
    try world.settle()
    try world.client.write(.delete, "comment", comment, in: casework)
    try world.client.sync()
    return (world, ticket, comment)
  }

  @Test func aRefusedWriteIsKeptWithItsReason() throws {
    let (world, _, comment) = try world()
    let tablet = world.tablet
    let written = try tablet.write(
      .update, "comment", comment, [.init("text", .text("edited"))], in: world.facts.casework)
    let isShown = try tablet.isShown("comment", comment, in: world.facts.casework)
    #expect(isShown)
    let report = try tablet.sync()
    #expect(report.refused.map(\.refusal.code) == [.gone])
    #expect(report.acceptedCount == 0)
    let codes = try tablet.rejectedRefusals().map(\.code)
    #expect(codes == [.gone])
    let texts = try tablet.rejectedDrafts().flatMap(\.changes).flatMap(\.writes).map(\.value)
    #expect(texts == [.text("edited")])
    let isStillShown = try tablet.isShown("comment", comment, in: world.facts.casework)
    #expect(!isStillShown)
    try world.settle()
    try world.expectConverged()
    try world.expectAccounted([written])
  }

  @Test func itDoesNotBlockTheNextCommit() throws {
    let (world, ticket, comment) = try world()
    let (tablet, casework) = (world.tablet, world.facts.casework)
    let before = try tablet.write(
      .update, "ticket", ticket, [.init("severity", .text("major"))], in: casework)
    let refused = try tablet.write(
      .update, "comment", comment, [.init("text", .text("edited"))], in: casework)
    let after = try tablet.write(
      .update, "ticket", ticket, [.init("title", .text("after"))], in: casework)
    let report = try tablet.sync()
    #expect(report.acceptedCount == 2)
    #expect(report.refused.count == 1)
    try world.settle()
    try world.expectConverged()
    try world.expectAccounted([before, refused, after])
    let title = try world.client.shownText("ticket", ticket, "title", in: casework)
    #expect(title == "after")
  }

  /// What a refused write covered is shown again, with the own write that came after it.
  @Test func laterOwnWritesOfTheRowStay() throws {
    let world = try World(opening: ["client", "practitioner"])
    let casework = world.facts.casework
    let ticket = try world.client.makeTicket(in: casework)
    try world.settle()
    // The practitioner may not reopen; a client that closes meets a close that was made before.
    let open = Draft.Write("status", .map(.init([(.text("state"), .text("open"))])))
    try world.client.write(.update, "ticket", ticket, [open], in: casework)
    try world.practitioner.write(.update, "ticket", ticket, [open], in: casework)
    try world.practitioner.write(
      .update, "ticket", ticket, [.init("title", .text("mine"))], in: casework)
    try world.settle()
    try world.expectConverged()
    let title = try world.client.shownText("ticket", ticket, "title", in: casework)
    #expect(title == "mine")
  }

  /// The answer with the refusal is lost; it is asked for again, or read in the log while locked.
  @Test(arguments: [true, false])
  func aLostRefusalIsLearnedLater(isLocked: Bool) throws {
    let (world, _, comment) = try world()
    let (tablet, casework) = (world.tablet, world.facts.casework)
    try tablet.write(
      .update, "comment", comment, [.init("text", .text("edited"))], in: casework)
    tablet.network.fault = { _, request in request.path == Path.push ? .loseResponse : .none }
    #expect(throws: ReplicaError.self) { try tablet.sync() }
    tablet.network.reset()
    if isLocked {
      tablet.replica.lock()
      try tablet.sync()
      try tablet.unlock()
    }
    try tablet.sync()
    let codes = try tablet.rejectedRefusals().map(\.code)
    #expect(codes == [.gone])
    try world.settle()
    try world.expectConverged()
  }
}
