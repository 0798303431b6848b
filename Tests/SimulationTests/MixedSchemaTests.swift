import CBOR
import Merge
import Replica
import Schemas
import SpaceStore
import SyncServer
import Testing

@testable import Simulation

/// Some know a later schema, and others come to it one by one, while all of them write.
@Suite struct MixedSchemaTests {
  // Of four seeds one puts its server back from a backup as well.
  @Test(arguments: [101, 102, 103, 104] as [UInt64])
  func allComeToTheSame(seed: UInt64) throws {
    let run = try Run(seed: seed)
    try run.world.upgradeServer()
    try run.world.practitioner.upgrade()
    let outcome = try run.perform()
    #expect(outcome.violations == [])
  }

  /// The server knows less than those who write: what they write waits, and gets through.
  @Test(arguments: 113...114 as ClosedRange<UInt64>)
  func anOlderServerHoldsNobodyUpForEver(seed: UInt64) throws {
    let run = try Run(seed: seed)
    for party in run.parties { try party.upgrade() }
    let outcome = try run.perform()
    #expect(outcome.violations == [])
  }

  /// What a newer program wrote is read-only for an older one, and the rest of the record is not.
  @Test func whatIsNotKnownIsReadOnly() throws {
    let world = try World(seed: 5)
    let ticket = try world.client.replica.newTicket(
      TicketDraft(title: "a ticket"), in: world.facts.casework
    ).reference
    try world.settle()
    try world.upgradeServer()
    try world.practitioner.upgrade()
    let status = CBORValue.map(
      CBORMap([(.text("state"), .text("on_hold")), (.text("effort"), .unsigned(3))]))
    let row = RowKey(
      space: try world.practitioner.replica.store.number(of: ticket.space), type: "ticket",
      record: ticket.record)
    let shown =
      try world.practitioner.replica.store.tables.shownState(row).registers["status"]?.siblings
      ?? []
    try world.practitioner.replica.write(
      Draft([
        .init(
          .update, "ticket", ticket.record,
          [
            .init("priority", .text("blocker")), .init("colour", .text("red")),
            .init("status", status, shown: shown.map(\.authorship.origin)),
          ])
      ]), in: ticket.space)
    try world.settle()
    #expect(throws: ReplicaError.schemaOlder) { try world.client.replica.take(.close, on: ticket) }
    #expect(throws: ReplicaError.schemaOlder) {
      try world.client.replica.editTicket(ticket, edit { $0.priority = "low" })
    }
    #expect(throws: ReplicaError.schemaOlder) {
      try world.tablet.replica.write(
        Draft([.init(.delete, "ticket", ticket.record)]), in: ticket.space)
    }
    #expect(try world.client.replica.editTicket(ticket, edit { $0.title = "another" }) == ["title"])
    let found = try world.client.replica.query("SELECT priority, status_state FROM ticket").rows
    #expect(found == [[.text("blocker"), .text("on_hold")]])
    try world.client.upgrade()
    _ = try world.client.replica.editTicket(ticket, edit { $0.priority = "low" })
    let after = try world.client.replica.query("SELECT priority, colour, status_effort FROM ticket")
    #expect(after.rows == [[.text("low"), .text("red"), .integer(3)]])
    try world.settle()
  }

  /// Going back would write rows without what they hold.
  @Test func anOlderProgramDoesNotOpenWhatANewerOneWrote() throws {
    let world = try World(seed: 6, opening: ["client"])
    try world.client.upgrade()
    world.client.schema = BuiltInSchema.loaded
    let error = #expect(throws: (any Error).self) { try world.client.reopen() }
    #expect(error.flatMap { ReplicaError(cause: $0) } == .homeFromNewerVersion)
    try world.upgradeServer()
    world.serverSchema = BuiltInSchema.loaded
    #expect(throws: ServerError.newerDatabase) { try world.restartServer() }
  }

  private func edit(_ change: (inout TicketEdit) -> Void) -> TicketEdit {
    var edit = TicketEdit()
    change(&edit)
    return edit
  }

  /// Without the words that only some know, the other tests would be about nothing.
  @Test func thereIsSomethingNotToKnow() throws {
    let run = try Run(seed: 101)
    try run.world.upgradeServer()
    try run.world.practitioner.upgrade()
    var workload = run.workload
    for number in 0..<12 {
      workload.begin(step: number)
      _ = try run.attempt { try workload.useNewWords(run.world.practitioner) }
      _ = try run.attempt { try workload.remind(run.world.practitioner) }
    }
    try run.world.settle()
    let unknown = try run.world.client.replica.database.rows(
      "SELECT part FROM _unapplied"
    ) { $0.integer(0) }
    #expect(Set(unknown) == [0, 1, 2])
  }
}
