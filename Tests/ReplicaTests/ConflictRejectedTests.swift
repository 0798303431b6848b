import Merge
import Simulation
import Testing

@testable import Replica

@Suite("Refused writes")
struct ConflictRejectedTests {
  /// The practitioner writes offline and has left the team when it arrives.
  private func refused(_ casework: Casework) throws -> RecordReference {
    let ticket = try casework.laptop.newTicket(TicketDraft(title: "One"), in: casework.space)
      .reference
    try casework.syncAll()
    var edit = TicketEdit()
    edit.title = "Too late"
    edit.severity = "critical"
    try casework.practitioner.editTicket(ticket, edit)
    try casework.practitioner.comment(on: ticket, "Anybody there?")
    try casework.state(.memberLeft(casework.staff))
    try casework.sync(casework.practitioner)
    return ticket
  }

  @Test("What is kept equals what was written, with the reason")
  func kept() throws {
    let casework = try Casework()
    let ticket = try refused(casework)
    let all = try casework.practitioner.rejectedWrites()
    #expect(all.count == 2)
    let first = all[0]
    #expect(first.refusal == Refusal(.notMember))
    #expect(first.space == casework.space)
    #expect(first.spaceKind == .casework)
    #expect(first.journal.replica == casework.practitioner.identity.replica)
    #expect(first.journal.sequence == 1)
    #expect(first.time.milliseconds == casework.clock.milliseconds)
    let change = try #require(first.changes.first)
    #expect(change.record == ticket.record)
    #expect(change.operation == .update)
    #expect(change.writes.map(\.key) == ["title", "severity"])
    #expect(change.writes.map(\.value) == [.text("Too late"), .text("critical")])
    #expect(change.writes.map(\.isSealed) == [true, false])
    let comment = try #require(all[1].changes.first)
    #expect(comment.type == "comment")
    let text = comment.writes.first { $0.key == "text" }
    #expect(text?.value == .text("Anybody there?"))
    // It is no longer shown as if it were there.
    #expect(try casework.practitioner.ticket(ticket).title == .text("One"))
    #expect(try casework.practitioner.ticket(ticket).severity == nil)
    #expect(try casework.practitioner.status().rejectedCount == 2)
  }

  @Test("A locked device says what was refused and why, not the words")
  func locked() throws {
    let casework = try Casework()
    _ = try refused(casework)
    casework.practitioner.lock()
    let first = try #require(try casework.practitioner.rejectedWrites().first)
    #expect(first.changes[0].writes.map(\.value) == [.sealed, .text("critical")])
    #expect(first.refusal.explanation == "the author is not a member of this space")
  }

  @Test("It stays readable when the space's keys and rows are gone")
  func afterPurge() throws {
    let casework = try Casework()
    _ = try refused(casework)
    let device = casework.practitioner
    try device.transaction {
      try device.store.purge(casework.space)
      try KeyRing.dropEpochs(of: casework.space, in: device.database)
    }
    device.keys?.forgetOpened(of: casework.space)
    let first = try device.rejectedWrite(1)
    #expect(first.changes[0].writes.first?.value == .text("Too late"))
  }

  @Test("It goes only when its author drops it")
  func drop() throws {
    let casework = try Casework()
    _ = try refused(casework)
    let device = casework.practitioner
    try device.dropRejectedWrite(1)
    #expect(try device.rejectedWrites().map(\.number) == [2])
    #expect(throws: ReplicaError.notFound("refused write 1")) {
      try device.dropRejectedWrite(1)
    }
    #expect(throws: ReplicaError.notFound("refused write 1")) { try device.rejectedWrite(1) }
  }
}
