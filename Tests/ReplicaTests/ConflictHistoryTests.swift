import Merge
import Simulation
import Testing

@testable import Replica

@Suite("History of a record")
struct ConflictHistoryTests {
  private func retitle(
    _ device: Replica, _ ticket: RecordReference, _ title: String
  ) throws {
    var edit = TicketEdit()
    edit.title = title
    try device.editTicket(ticket, edit)
  }

  @Test("Every write stands in it, with what became of it")
  func standings() throws {
    let casework = try Casework()
    let ticket = try casework.laptop.newTicket(TicketDraft(title: "One"), in: casework.space)
      .reference
    try casework.syncAll()
    try retitle(casework.laptop, ticket, "Two")
    casework.clock.advance(minutes: 1)
    try retitle(casework.phone, ticket, "Three")
    try casework.syncAll()
    try casework.laptop.comment(on: ticket, "Not part of the ticket's own history")
    var edit = TicketEdit()
    edit.description = "More"
    try casework.laptop.editTicket(ticket, edit)
    let entries = try casework.laptop.history(of: ticket)
    #expect(entries.map(\.operation) == [.create, .update, .update, .update])
    let titles = entries.flatMap(\.writes).filter { $0.key == "title" }
    #expect(titles.map(\.value) == [.text("One"), .text("Two"), .text("Three")])
    #expect(titles.map(\.standing) == [.overwritten, .conflicting, .shown])
    let last = try #require(entries.last)
    #expect(last.position == nil)
    #expect(last.writes.map(\.value) == [.text("More")])
    let places = entries.compactMap { $0.position?.rawValue }
    #expect(places == places.sorted())
    #expect(places.count == 3)
    #expect(entries.map(\.author.isThisDevice) == [true, true, false, true])
  }

  @Test("Clocks say what each author had seen")
  func clocks() throws {
    let casework = try Casework()
    let ticket = try casework.laptop.newTicket(TicketDraft(title: "One"), in: casework.space)
      .reference
    try casework.syncAll()
    try retitle(casework.practitioner, ticket, "Two")
    try retitle(casework.phone, ticket, "Three")
    try casework.syncAll()
    try retitle(casework.laptop, ticket, "Four")
    let clocks = try casework.laptop.history(of: ticket, clocks: true).compactMap(\.clock)
    #expect(clocks.count == 4)
    let laptop = casework.laptop.identity.replica
    let phone = casework.phone.identity.replica
    let practitioner = casework.practitioner.identity.replica
    // Sorted by the log: the phone has pushed before the practitioner.
    #expect(clocks[0][laptop] == 1)
    #expect(clocks[1][phone] == 1)
    #expect(clocks[1][practitioner] == 0)
    #expect(clocks[2][practitioner] == 1)
    #expect(clocks[2][phone] == 0)
    #expect(!clocks[1].covers(clocks[2]))
    #expect(!clocks[2].covers(clocks[1]))
    #expect(clocks[3].covers(clocks[1]))
    #expect(clocks[3].covers(clocks[2]))
    #expect(clocks[3][laptop] == 2)
    #expect(try casework.laptop.history(of: ticket).allSatisfy { $0.clock == nil })
  }

  @Test("Refused writes stand in it with the reason, without what was sealed")
  func refused() throws {
    let casework = try Casework()
    let ticket = try casework.laptop.newTicket(TicketDraft(title: "One"), in: casework.space)
      .reference
    try casework.syncAll()
    try retitle(casework.practitioner, ticket, "Two")
    try casework.state(.memberLeft(casework.staff))
    try casework.syncAll()
    let entry = try #require(try casework.laptop.history(of: ticket).last)
    #expect(entry.refusal?.code == .notMember)
    #expect(entry.writes.map(\.value) == [.sealed])
    #expect(entry.writes.map(\.standing) == [.refused])
    #expect(try casework.laptop.ticket(ticket).title == .text("One"))
  }

  @Test("Guarded writes say what they were decided on")
  func decidedOn() throws {
    let casework = try Casework()
    let ticket = try casework.laptop.newTicket(TicketDraft(title: "One"), in: casework.space)
      .reference
    #expect(try casework.laptop.take(.close, on: ticket))
    let entries = try casework.laptop.history(of: ticket)
    let status = entries.flatMap(\.writes).filter { $0.key == "status" }
    #expect(status.map(\.shown) == [[], [entries[0].journal]])
  }
}
