import Merge
import Simulation
import Testing

@testable import Replica

@Suite("Steps of a ticket")
struct TicketStepTests {
  private func ticket(_ casework: Casework) throws -> RecordReference {
    let ticket = try casework.laptop.newTicket(TicketDraft(title: "T"), in: casework.space)
    try casework.syncAll()
    return ticket.reference
  }

  @Test("A ticket's whole life")
  func life() throws {
    let casework = try Casework()
    let ticket = try ticket(casework)
    #expect(try casework.laptop.steps(from: ticket) == [.close])
    #expect(try casework.practitioner.steps(from: ticket) == [.start, .ask, .resolve])
    #expect(try casework.practitioner.take(.start, on: ticket))
    #expect(try casework.practitioner.take(.ask, on: ticket, reason: "Which arm?"))
    try casework.syncAll()
    let waiting = try casework.laptop.ticket(ticket).status
    #expect(waiting?.state == "waiting_for_client")
    #expect(waiting?.reason == "Which arm?")
    #expect(try casework.practitioner.take(.resolve, on: ticket))
    try casework.syncAll()
    #expect(try casework.laptop.take(.reopen, on: ticket))
    #expect(try casework.laptop.take(.close, on: ticket))
    try casework.syncAll()
    for device in casework.devices {
      #expect(try device.ticket(ticket).stateName == "closed")
      #expect(try device.conflicts().isEmpty)
    }
    #expect(try casework.practitioner.tickets().isEmpty)
    #expect(try casework.practitioner.tickets(closed: true).count == 1)
  }

  @Test("A step that is not allowed names those that are")
  func notAllowed() throws {
    let casework = try Casework()
    let ticket = try ticket(casework)
    let expected = Refusal(
      .transitionNotAllowed, ["in_progress", "waiting_for_client", "resolved"])
    #expect(throws: ReplicaError.refused(expected)) {
      try casework.practitioner.take(.close, on: ticket)
    }
    #expect(throws: ReplicaError.refused(Refusal(.transitionNotAllowed, ["closed"]))) {
      try casework.laptop.take(.reopen, on: ticket)
    }
    #expect(try casework.laptop.take(.close, on: ticket))
    #expect(try casework.laptop.take(.close, on: ticket) == false)
    #expect(throws: ReplicaError.badInput("status: reason: the size has to be from 0 to 400")) {
      try casework.laptop.take(.reopen, on: ticket, reason: String(repeating: "x", count: 401))
    }
  }

  @Test("Reopened beats closed, in whichever order they arrive", arguments: [true, false])
  func precedence(closeFirst: Bool) throws {
    let casework = try Casework()
    let ticket = try ticket(casework)
    #expect(try casework.practitioner.take(.resolve, on: ticket))
    try casework.syncAll()
    #expect(try casework.laptop.take(.close, on: ticket))
    #expect(try casework.phone.take(.reopen, on: ticket))
    let order = [casework.laptop, casework.phone]
    for device in closeFirst ? order : order.reversed() { try casework.sync(device) }
    try casework.syncAll()
    for device in casework.devices {
      #expect(try device.ticket(ticket).stateName == "reopened")
      let conflict = try #require(try device.conflicts().first)
      #expect(conflict.key == "status")
      #expect(conflict.reason == "reopened goes before closed")
    }
    // The next step is decided on both, and ends the conflict.
    #expect(try casework.practitioner.take(.start, on: ticket))
    try casework.syncAll()
    #expect(try casework.laptop.conflicts().isEmpty)
    #expect(try casework.laptop.ticket(ticket).stateName == "in_progress")
  }

  @Test("A close beside a raised severity: both stand")
  func independent() throws {
    let casework = try Casework()
    let draft = TicketDraft(title: "T", severity: "minor")
    let ticket = try casework.laptop.newTicket(draft, in: casework.space).reference
    try casework.syncAll()
    var raise = TicketEdit()
    raise.severity = "critical"
    try casework.practitioner.editTicket(ticket, raise)
    var more = TicketEdit()
    more.severity = "major"
    try casework.phone.editTicket(ticket, more)
    #expect(try casework.laptop.take(.close, on: ticket))
    try casework.syncAll()
    for device in casework.devices {
      #expect(try device.ticket(ticket).severity == "critical")
      #expect(try device.ticket(ticket).stateName == "closed")
    }
    let conflict = try #require(try casework.laptop.conflicts().first)
    #expect(conflict.reason == "critical is higher than major")
    // Whoever has seen both may lower it again.
    var lower = TicketEdit()
    lower.severity = "minor"
    #expect(try casework.practitioner.editTicket(ticket, lower) == ["severity"])
    try casework.syncAll()
    #expect(try casework.laptop.ticket(ticket).severity == "minor")
    #expect(try casework.laptop.conflicts().isEmpty)
  }
}
