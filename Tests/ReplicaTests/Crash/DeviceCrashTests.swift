import Merge
import Simulation
import SyncProtocol
import Testing

@testable import Replica

/// The device's process ends at every transaction boundary, one run after the other.
@Suite struct DeviceCrashTests {
  @Test func duringASync() throws {
    let world = try World(opening: ["client", "practitioner"])
    var editor = Editor(seed: 21)
    var number = 0
    var isReached = true
    while isReached {
      try editor.edit(world.client, in: world, times: 4)
      try editor.edit(world.practitioner, in: world, times: 3)
      try world.practitioner.sync()
      isReached = try world.client.crash(at: number) { try world.client.sync() }
      number += 1
      try editor.edit(world.client, in: world)
      try world.settle()
      try world.expectConverged()
    }
    try world.expectAccounted(editor.written)
    #expect(number > 8)
  }

  @Test func duringLocalWrites() throws {
    let world = try World(opening: ["client", "practitioner"])
    var editor = Editor(seed: 22)
    var number = 0
    var isReached = true
    while isReached {
      isReached = try world.client.crash(at: number) {
        try editor.edit(world.client, in: world, times: 6)
      }
      number += 1
      try world.settle()
      try world.expectConverged()
    }
    try world.expectAccounted(editor.written)
    #expect(number > 8)
  }

  /// Refused for its clock and written anew, in one transaction with the verdict.
  @Test func whileACommitIsWrittenAnew() throws {
    let world = try World(opening: ["client", "tablet"])
    let (tablet, casework) = (world.tablet, world.facts.casework)
    var number = 0
    var isReached = true
    while isReached {
      tablet.clock.offsetMilliseconds += 60 * 60 * 1000
      let ticket = try tablet.makeTicket(in: casework)
      try tablet.write(.update, "ticket", ticket, [.init("title", .text("2"))], in: casework)
      isReached = try tablet.crash(at: number) { try tablet.sync() }
      number += 1
      try world.settle()
      try world.expectConverged()
      let title = try world.client.shownText("ticket", ticket, "title", in: casework)
      #expect(title == "2")
    }
    let rejected = try tablet.rejectedRefusals()
    #expect(rejected == [])
    #expect(number > 6)
  }

  /// The practitioner's device purges, and the client's opens another engagement.
  @Test func whileOneEngagementEndsAndAnotherBegins() throws {
    var number = 0
    while try endAndBegin(at: number) { number += 1 }
    #expect(number > 8)
  }

  /// - Returns: whether one of the devices came to the boundary.
  private func endAndBegin(at number: Int) throws -> Bool {
    let world = try World(opening: ["client", "practitioner"])
    let (client, practitioner, old) = (world.client, world.practitioner, world.facts.engagement)
    let written = try practitioner.makeAccessRequest(in: old, reason: "\(number)")
    try client.replica.decide("revoked", on: client.replica.assignment(with: nil))
    try client.sync()
    let isReached = try practitioner.crash(at: number) { try practitioner.sync() }
    try world.settle()
    try world.expectConverged()
    try world.expectAccounted([written])
    let keys = try practitioner.replica.database.first(
      "SELECT COUNT(*) FROM key_ring WHERE name LIKE 'epoch/\(old.hex)/%'"
    ) { $0.integer(0) }
    #expect(keys == 0)

    try client.replica.decide("approved", on: client.replica.assignment(with: nil))
    let isReachedThere = try client.crash(at: number) { try client.sync() }
    try world.settle()
    try world.expectConverged()
    let new = try #require(try practitioner.replica.engagement(of: world.facts.assignment))
    #expect(new != old)
    return isReached || isReachedThere
  }
}
