import CommandSupport
import Foundation
import Testing

/// Casework of a client with a team, on two devices that are not always in touch.
@Suite(.clinic, .serialized) struct TicketTests {
  private struct People {
    let berg: Person
    let ann: Person
  }

  /// A client, and the first member of the clinic's team, with an open casework.
  private func casework() throws -> People {
    let clinic = try Clinic.current
    let berg = try clinic.newcomer("Dr. Berg", "practitioner")
    let ann = try clinic.newcomer("Ann", "client")
    try clinic.admin.does("team", "propose", berg.name)
    try berg.does("sync")
    try berg.does("team", "start")
    try clinic.admin.does("sync")
    try clinic.admin.does("casework", "open", "--client", ann.name)
    try sync(ann, berg, ann)
    return People(berg: berg, ann: ann)
  }

  private func sync(_ people: Person...) throws {
    for person in people { try person.does("sync") }
  }

  private func state(_ person: Person) throws -> String {
    let list = try person.does("ticket", "ls", "--all", "--json")
    let tickets = try JSONDecoder().decode([Ticket].self, from: Data(list.utf8))
    return try #require(tickets.last).status.state
  }

  private struct Ticket: Decodable {
    struct Status: Decodable {
      let state: String
    }

    let status: Status
  }

  @Test func ticketFromOpeningToClosing() throws {
    let people = try casework()
    let (berg, ann) = (people.berg, people.ann)
    let opened = try ann.does(
      "ticket", "new", "--title", "The export stops", "--severity", "major", "--label", "export")
    #expect(opened.hasPrefix("opened ticket"))
    try sync(ann, berg, ann)
    #expect(try berg.does("ticket", "ls").contains("The export stops"))
    let show = try berg.does("ticket", "show", "1")
    #expect(show.contains("major") && show.contains("export"))

    let early = try ann.run("ticket", "resolve", "1", expecting: 5)
    #expect(early.err.contains("you cannot resolve it now"))
    #expect(early.err.contains("hint: "))
    try berg.does("ticket", "start", "1")
    try berg.does("ticket", "comment", "1", "Which version?")
    try berg.does("ticket", "note", "1", "Looks like the old bug.")
    try berg.does("ticket", "resolve", "1", "--reason", "fixed in 2.1")
    try sync(berg, ann)
    #expect(try state(ann) == "resolved")
    let seen = try ann.does("ticket", "show", "1")
    #expect(seen.contains("Which version?"))
    // What the team says among itself never gets to the client.
    #expect(!seen.contains("old bug"))
    #expect(try berg.does("ticket", "show", "1").contains("old bug"))

    try ann.does("ticket", "reopen", "1", "--reason", "still stops")
    try sync(ann, berg)
    #expect(try state(berg) == "reopened")

    try writeAtOnce(berg, ann)
  }

  /// Both write the same title without having seen the other's; the later one is shown, the
  /// conflict stays visible until somebody settles it.
  private func writeAtOnce(_ berg: Person, _ ann: Person) throws {
    try berg.does("ticket", "set", "1", "--title", "Export stops at 2 GB")
    try ann.does("ticket", "set", "1", "--title", "Export stops on Mondays")
    try sync(berg, ann, berg)
    for person in [berg, ann] {
      let conflicts = try person.does("conflicts")
      #expect(conflicts.contains("Export stops at 2 GB"), "for \(person.name)")
      #expect(conflicts.contains("Export stops on Mondays"), "for \(person.name)")
    }
    let shown = try berg.does("ticket", "ls")
    #expect(shown.contains("Export stops on Mondays"))
    try berg.does("resolve", "1", "--field", "title", "--value", "Export stops at 2 GB on Mondays")
    try sync(berg, ann)
    #expect(try ann.does("ticket", "ls").contains("Export stops at 2 GB on Mondays"))
    #expect(try ann.does("conflicts", "--json") == "[]")
    #expect(try ann.does("history", "1").contains("Export stops at 2 GB"))
  }
}
