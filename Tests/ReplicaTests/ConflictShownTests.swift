import Merge
import Simulation
import Testing

@testable import Replica

/// A choice writes over the values that its author was shown, and over no others.
@Suite("Conflicts, as they were shown")
struct ConflictShownTests {
  private let casework: Casework
  private let ticket: RecordReference

  init() throws {
    casework = try Casework()
    ticket = try casework.laptop.newTicket(TicketDraft(title: "First"), in: casework.space)
      .reference
    try casework.syncAll()
    for (device, title) in [(casework.laptop, "A"), (casework.practitioner, "B")] {
      try retitle(device, title)
    }
    for device in [casework.laptop, casework.practitioner, casework.laptop] {
      try casework.sync(device)
    }
  }

  private func retitle(_ device: Replica, _ title: String) throws {
    casework.clock.advance(minutes: 1)
    var edit = TicketEdit()
    edit.title = title
    try device.editTicket(ticket, edit)
  }

  private func texts(_ device: Replica) throws -> [String] {
    try device.conflicts().flatMap(\.values).compactMap(\.value.text)
  }

  @Test("What comes in after the look is in conflict with the choice, not lost")
  func later() throws {
    try casework.laptop.noteShown(casework.laptop.conflicts())
    // The phone has seen neither A nor B.
    try retitle(casework.phone, "C")
    try casework.sync(casework.phone)
    try casework.sync(casework.laptop)
    casework.clock.advance(minutes: 1)
    let settled = try casework.laptop.resolve(ticket, .take("B"))
    #expect(settled.value == .text("B"))
    try casework.syncAll()
    for device in casework.devices {
      let left = try texts(device)
      #expect(left == ["C", "B"])
      #expect(try device.ticket(ticket).title == .text("B"))
    }
    // Having seen both, the next choice ends it.
    try casework.laptop.noteShown(casework.laptop.conflicts())
    try casework.laptop.resolve(ticket, .take("A"))
    try casework.syncAll()
    #expect(try casework.phone.ticket(ticket).title == .text("C"))
    #expect(try casework.phone.conflicts().isEmpty)
  }

  @Test("Letters mean what they meant when they were shown")
  func letters() throws {
    try casework.laptop.noteShown(casework.laptop.conflicts())
    // Somebody settles it, and it comes up again with others.
    try casework.sync(casework.practitioner)
    try casework.practitioner.resolve(ticket, .take("A"))
    try retitle(casework.phone, "C")
    try casework.sync(casework.practitioner)
    try casework.sync(casework.phone)
    try casework.sync(casework.laptop)
    #expect(try texts(casework.laptop).count == 2)
    let error = #expect(throws: ReplicaError.self) {
      try casework.laptop.resolve(ticket, .take("A"))
    }
    #expect(
      error?.explanation == "this has changed since you looked; see `satchel conflicts` again")
    try casework.laptop.noteShown(casework.laptop.conflicts())
    try casework.laptop.resolve(ticket, .value("D"))
    try casework.syncAll()
    #expect(try casework.phone.ticket(ticket).title == .text("D"))
    #expect(try casework.phone.conflicts().isEmpty)
  }

  @Test("Without a look the values that stand now are meant")
  func unseen() throws {
    try casework.laptop.resolve(ticket, .take("A"))
    try casework.syncAll()
    #expect(try casework.phone.ticket(ticket).title == .text("A"))
    #expect(try casework.phone.conflicts().isEmpty)
  }

  @Test("An own value that is sent between look and choice is still meant")
  func sentBetween() throws {
    try retitle(casework.phone, "C")
    try casework.pull(casework.phone)
    let shown = try casework.phone.conflicts()
    #expect(shown.first?.values.last?.position == nil)
    try casework.phone.noteShown(shown)
    try casework.syncAll()
    try casework.phone.resolve(ticket, .take("C"))
    try casework.syncAll()
    #expect(try casework.laptop.ticket(ticket).title == .text("C"))
    #expect(try casework.laptop.conflicts().isEmpty)
  }
}
