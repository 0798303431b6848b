import Merge
import Simulation
import Testing

@testable import Replica

@Suite("Tickets")
struct TicketTests {
  @Test("A new ticket is shown at once, and everywhere after a sync")
  func create() throws {
    let casework = try Casework()
    let draft = TicketDraft(
      kind: "consultation", title: "Rash on the arm", description: "Since Monday",
      severity: "major", labels: ["skin", "arm"])
    let made = try casework.laptop.newTicket(draft, in: casework.space)
    #expect(made.title == .text("Rash on the arm"))
    #expect(made.isPending)
    #expect(made.stateName == "open")
    #expect(made.creator.isThisDevice)
    try casework.syncAll()
    let seen = try casework.practitioner.tickets()
    let ticket = try #require(seen.first)
    #expect(seen.count == 1)
    #expect(ticket.title == .text("Rash on the arm"))
    #expect(ticket.description == .text("Since Monday"))
    #expect(ticket.severity == "major")
    #expect(ticket.labels == ["arm", "skin"])
    #expect(ticket.kind == "consultation")
    #expect(!ticket.isPending)
    #expect(ticket.creator.account == casework.client)
    #expect(ticket.creator.device == casework.laptop.identity.device)
    #expect(try Casework.rows(casework.laptop) == Casework.rows(casework.practitioner))
  }

  @Test("Words that the schema does not declare are named before anything is written")
  func words() throws {
    let casework = try Casework()
    let bad = TicketDraft(title: "T", severity: "terrible")
    let error = #expect(throws: ReplicaError.self) {
      try casework.laptop.newTicket(bad, in: casework.space)
    }
    #expect(error == .badInput("severity is one of: minor, major, critical"))
    #expect(throws: ReplicaError.badInput("title: a value is required")) {
      try casework.laptop.newTicket(TicketDraft(title: ""), in: casework.space)
    }
    let long = TicketDraft(title: String(repeating: "😀", count: 101))
    #expect(throws: ReplicaError.badInput("title: the size has to be from 0 to 400")) {
      try casework.laptop.newTicket(long, in: casework.space)
    }
    #expect(try casework.laptop.status().pendingCount == 0)
  }

  @Test("What a field says already is not written")
  func unchanged() throws {
    let casework = try Casework()
    let draft = TicketDraft(title: "One", severity: "major", labels: ["a"])
    let ticket = try casework.laptop.newTicket(draft, in: casework.space).reference
    var edit = TicketEdit()
    edit.title = "One"
    edit.severity = "major"
    edit.addedLabels = ["a"]
    edit.removedLabels = ["b"]
    edit.description = ""
    #expect(try casework.laptop.editTicket(ticket, edit).isEmpty)
    #expect(try casework.laptop.status().pendingCount == 1)
    edit.title = "Two"
    edit.removedLabels = []
    #expect(try casework.laptop.editTicket(ticket, edit) == ["title"])
    #expect(try casework.laptop.ticket(ticket).title == .text("Two"))
  }

  @Test("A description can be taken away again, a title cannot")
  func clearing() throws {
    let casework = try Casework()
    let draft = TicketDraft(title: "One", description: "More")
    let ticket = try casework.laptop.newTicket(draft, in: casework.space).reference
    var edit = TicketEdit()
    edit.description = ""
    #expect(try casework.laptop.editTicket(ticket, edit) == ["description"])
    #expect(try casework.laptop.ticket(ticket).description == .nothing)
    edit.title = ""
    #expect(throws: ReplicaError.badInput("title: a value is required")) {
      try casework.laptop.editTicket(ticket, edit)
    }
  }

  @Test("Only staff assign")
  func assignee() throws {
    let casework = try Casework()
    let ticket = try casework.laptop.newTicket(TicketDraft(title: "T"), in: casework.space)
      .reference
    try casework.syncAll()
    var edit = TicketEdit()
    edit.assignee = .some(casework.staff)
    let refused = try refusal { try casework.laptop.editTicket(ticket, edit) }
    #expect(refused == .notAllowed)
    #expect(try casework.practitioner.editTicket(ticket, edit) == ["assignee"])
    #expect(try casework.practitioner.ticket(ticket).assignee == casework.staff)
    edit.assignee = .some(nil)
    #expect(try casework.practitioner.editTicket(ticket, edit) == ["assignee"])
    #expect(try casework.practitioner.ticket(ticket).assignee == nil)
  }

  @Test("Tickets go by the beginning of their id")
  func naming() throws {
    let casework = try Casework()
    let first = try casework.laptop.newTicket(TicketDraft(title: "A"), in: casework.space)
    casework.clock.advance(minutes: 600)
    let second = try casework.laptop.newTicket(TicketDraft(title: "B"), in: casework.space)
    let prefix = String(second.id.uuidText.prefix(13))
    #expect(try casework.laptop.ticket(named: prefix) == second.reference)
    #expect(try casework.laptop.record(named: first.id.hex.uppercased()) == first.reference)
    #expect(throws: ReplicaError.notFound("ticket 12345")) {
      try casework.laptop.ticket(named: "12345")
    }
    #expect(throws: ReplicaError.notFound("ticket #3")) { try casework.laptop.ticket(named: "#3") }
    #expect(throws: ReplicaError.notFound("ticket xyzxyz")) {
      try casework.laptop.ticket(named: "xyzxyz")
    }
    let third = try casework.laptop.newTicket(TicketDraft(title: "C"), in: casework.space)
    let both = String(second.id.hex.prefix(10))
    let choices = [second, third].map { "ticket \($0.id.hex)" }.sorted()
    #expect(throws: ReplicaError.ambiguous("ticket \(both)", choices)) {
      try casework.laptop.ticket(named: both)
    }
  }

  @Test("A casework space is chosen by itself while there is one")
  func spaces() throws {
    let casework = try Casework()
    let space = try casework.laptop.caseworkSpace(with: nil)
    #expect(space.id == casework.space)
    #expect(space.role == .contact)
    #expect(space.hasKey)
    #expect(try casework.practitioner.caseworkSpace(with: nil).contacts == [casework.client])
    let byTeam = String(casework.team.hex.prefix(8))
    #expect(try casework.laptop.caseworkSpace(with: byTeam).id == casework.space)
    #expect(throws: ReplicaError.notFound("nobody")) {
      try casework.laptop.caseworkSpace(with: "nobody")
    }
  }

  @Test("Comments reach everybody, in order, with their author")
  func comments() throws {
    let casework = try Casework()
    let ticket = try casework.laptop.newTicket(TicketDraft(title: "T"), in: casework.space)
      .reference
    try casework.laptop.comment(on: ticket, "First")
    try casework.syncAll()
    casework.clock.advance(minutes: 1)
    let first = try #require(try casework.practitioner.ticketDetails(ticket).comments.first)
    try casework.practitioner.comment(on: ticket, "Second", inReplyTo: first.id)
    try casework.syncAll()
    let comments = try casework.phone.ticketDetails(ticket).comments
    #expect(comments.map(\.text) == [.text("First"), .text("Second")])
    #expect(comments.map(\.author.account) == [casework.client, casework.staff])
    #expect(comments[1].inReplyTo == first.id)
    #expect(throws: ReplicaError.badInput("the text is empty")) {
      try casework.laptop.comment(on: ticket, "")
    }
  }

  @Test("Work is noted by staff and adds up in SQL")
  func work() throws {
    let casework = try Casework()
    let ticket = try casework.laptop.newTicket(TicketDraft(title: "T"), in: casework.space)
      .reference
    try casework.syncAll()
    try casework.practitioner.addWork(on: ticket, minutes: 20, text: "Call")
    try casework.practitioner.addWork(on: ticket, minutes: 25)
    try casework.syncAll()
    #expect(try casework.laptop.ticketDetails(ticket).work.map(\.minutes) == [20, 25])
    let sum = try casework.laptop.query("SELECT SUM(minutes) FROM worklog")
    #expect(sum.rows == [[.integer(45)]])
    #expect(try refusal { try casework.laptop.addWork(on: ticket, minutes: 5) } == .notAllowed)
    #expect(throws: ReplicaError.badInput("work takes from 1 to 10080 minutes")) {
      try casework.practitioner.addWork(on: ticket, minutes: 0)
    }
  }

  @Test("Internal notes stay in the team's space")
  func notes() throws {
    let casework = try Casework()
    let ticket = try casework.laptop.newTicket(TicketDraft(title: "T"), in: casework.space)
      .reference
    try casework.syncAll()
    #expect(throws: ReplicaError.notReady("the team's space or its key is not here yet")) {
      try casework.practitioner.note(on: ticket, "Careful")
    }
    #expect(try refusal { try casework.laptop.note(on: ticket, "x") } == .notAllowed)
    try casework.openTeamSpace()
    try casework.practitioner.note(on: ticket, "Careful")
    try casework.syncAll()
    let notes = try casework.practitioner.ticketDetails(ticket).notes
    #expect(notes.map(\.text) == [.text("Careful")])
    #expect(try casework.laptop.ticketDetails(ticket).notes.isEmpty)
    #expect(try casework.laptop.store.knows(.team(casework.team)) == false)
  }

  @Test("A locked device shows what is open and says what is sealed")
  func locked() throws {
    let casework = try Casework()
    let draft = TicketDraft(title: "Secret title", severity: "minor")
    let ticket = try casework.laptop.newTicket(draft, in: casework.space).reference
    casework.laptop.lock()
    let shown = try casework.laptop.ticket(ticket)
    #expect(shown.title == .sealed)
    #expect(shown.severity == "minor")
    var edit = TicketEdit()
    edit.title = "Other"
    #expect(throws: ReplicaError.locked) { try casework.laptop.editTicket(ticket, edit) }
  }

  @Test("Nothing that was decrypted lies in the home")
  func canary() throws {
    let casework = try Casework()
    let canary = "canary-7f3a-title"
    let draft = TicketDraft(title: canary, description: canary + " more")
    let ticket = try casework.laptop.newTicket(draft, in: casework.space).reference
    try casework.laptop.comment(on: ticket, canary + " comment")
    try casework.syncAll()
    _ = try casework.practitioner.ticketDetails(ticket)
    _ = try casework.practitioner.query("SELECT unseal(title) FROM ticket")
    for name in ["laptop", "phone", "practitioner"] {
      #expect(try !casework.holds(canary, name))
    }
    // The search finds what is there.
    #expect(try casework.holds("CREATE TABLE", "laptop"))
  }
}
