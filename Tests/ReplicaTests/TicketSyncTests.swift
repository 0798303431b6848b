import Merge
import Simulation
import Testing

@testable import Replica

@Suite("Casework through a server")
struct TicketSyncTests {
  @Test(
    "Everybody works while the server is away, and all come to the same", .timeLimit(.minutes(1)))
  func offline() throws {
    let casework = try SyncedCasework()
    let space = try casework.laptop.caseworkSpace(with: "skin")
    #expect(space.name == "Skin")
    let draft = TicketDraft(title: "Rash", severity: "minor")
    let ticket = try casework.laptop.newTicket(draft, in: space.id).reference
    try casework.syncAll()
    #expect(try casework.phone.ticket(ticket).number == 1)
    #expect(try casework.practitioner.ticket(named: "#1") == ticket)

    casework.transport.setAway(true)
    var raise = TicketEdit()
    raise.severity = "critical"
    try casework.practitioner.editTicket(ticket, raise)
    try casework.practitioner.comment(on: ticket, "A photo, please")
    #expect(try casework.laptop.take(.close, on: ticket))
    for (device, title) in [(casework.laptop, "Left arm"), (casework.phone, "Right arm")] {
      casework.clock.advance(minutes: 1)
      var edit = TicketEdit()
      edit.title = title
      try device.editTicket(ticket, edit)
    }
    #expect(throws: ReplicaError.self) { try casework.phone.sync(casework.transport) }
    #expect(try casework.laptop.status().pendingCounts == [.casework: 2])

    casework.transport.setAway(false)
    try casework.syncAll([casework.phone, casework.practitioner, casework.laptop])
    for device in casework.devices {
      let shown = try device.ticket(ticket)
      #expect(shown.severity == "critical")
      #expect(shown.stateName == "closed")
      #expect(shown.title == .text("Right arm"))
      let conflict = try #require(try device.conflicts().first)
      let values = conflict.values.map(\.value)
      #expect(Set(values) == [.text("Left arm"), .text("Right arm")])
      #expect(conflict.values.map(\.author.account).allSatisfy { $0 == space.contacts.first })
      #expect(try device.status().pendingCount == 0)
    }
    let clocks = try casework.devices.map { device in
      try device.status().spaces.first { $0.id == space.id }?.clock
    }
    #expect(Set(clocks).count == 1)
    #expect(try Casework.rows(casework.laptop, "ticket") == Casework.rows(casework.phone, "ticket"))
    try casework.practitioner.resolve(ticket, .value("Right arm, inside"))
    try casework.syncAll()
    #expect(try casework.laptop.conflicts().isEmpty)
    #expect(try casework.laptop.ticket(ticket).title == .text("Right arm, inside"))
  }
}
