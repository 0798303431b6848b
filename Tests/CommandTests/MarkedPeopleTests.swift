import CommandSupport
import Foundation
import Testing

/// Whose keys nobody has compared is marked wherever they are listed or chosen.
@Suite(.clinic, .serialized) struct MarkedPeopleTests {
  private func sync(_ people: Person...) throws {
    for person in people { try person.does("sync") }
  }

  /// A practitioner and a client who agreed, and the practitioner's team with the client's casework.
  private func pair(_ number: Int) throws -> (berg: Person, ann: Person) {
    let clinic = try Clinic.current
    let berg = try clinic.newcomer("Dr. Berg \(number)", "practitioner")
    let ann = try clinic.newcomer("Ann \(number)", "client")
    try clinic.admin.does(
      "assign", "--practitioner", berg.name, "--client", ann.name, "--can", "view,download,note")
    try sync(berg, ann)
    try berg.does("consent", "accept")
    try ann.does("consent", "approve")
    try sync(berg, ann, berg)
    return (berg, ann)
  }

  private func verify(_ person: Person, by other: Person) throws {
    let shown = try person.does("key", "show", "--json")
    let object = try JSONSerialization.jsonObject(with: Data(shown.utf8)) as? [String: Any]
    let words = try #require(object?["words"] as? String)
    try other.does("key", "verify", person.name, "--words", words)
  }

  @Test func inRequestsAndNotes() throws {
    let (berg, ann) = try pair(1)
    try ann.does("vault", "add", try Clinic.current.stage.file("scan.txt", "fine"))
    let marked = (berg: "\(berg.name) (unverified)", ann: "\(ann.name) (unverified)")
    #expect(try berg.does("request", ann.name, "--reason", "before Monday").contains(marked.ann))
    #expect(try berg.does("requests").contains(marked.ann))
    #expect(try berg.does("consent", "ls").contains(marked.ann))
    try sync(berg)
    #expect(try ann.does("sync").contains("\(marked.berg) asks for access"))
    #expect(try ann.does("requests").contains(marked.berg))
    let approved = try ann.does("approve", "--file", "scan.txt", "--can", "view,note")
    #expect(approved.contains("is shared with \(marked.berg)"))
    #expect(try ann.does("note", "add", "scan.txt", "Look").contains("for \(marked.berg)"))
    try sync(ann, berg)
    #expect(try berg.does("note", "ls").contains(marked.ann))

    try verify(berg, by: ann)
    try verify(ann, by: berg)
    #expect(!(try ann.does("requests", "--all").contains("unverified")))
    #expect(!(try berg.does("note", "ls").contains("unverified")))
    #expect(!(try ann.does("note", "add", "scan.txt", "Again").contains("unverified")))
  }

  @Test func inTickets() throws {
    let clinic = try Clinic.current
    let (berg, ann) = try pair(2)
    try clinic.admin.does("team", "propose", berg.name)
    try sync(berg)
    try berg.does("team", "start")
    // Another administrator has not met her.
    let bob = try clinic.newcomer("Bob", "admin")
    try sync(bob)
    let id = try account(of: ann)
    #expect(try bob.does("casework", "open", "--client", id).contains("(unverified) with Cardio"))
    try sync(ann, berg, ann)
    try ann.does("ticket", "new", "--title", "It stops")
    try sync(ann, berg)
    try berg.does("ticket", "set", "1", "--assignee", "me")
    try berg.does("ticket", "comment", "1", "Which version?")
    try sync(berg, ann)
    let marked = "\(berg.name) (unverified)"
    #expect(try ann.does("ticket", "ls").contains(marked))
    let shown = try ann.does("ticket", "show", "1")
    #expect(shown.contains("assignee     \(marked)"))
    #expect(shown.contains("\(marked) ("))
    let history = try ann.does("history", "1")
    #expect(history.contains("assignee: \(marked)"))
    try verify(berg, by: ann)
    #expect(!(try ann.does("ticket", "show", "1").contains("unverified")))
  }

  @Test func inInvitations() throws {
    let clinic = try Clinic.current
    let invitation = try clinic.invitation("client", name: "Carl")
    let carl = try clinic.stage.person("Carl")
    try carl.does("init", "--server", clinic.server.url, "--invite", invitation, "--name", "Carl")
    let id = try account(of: carl).prefix(16)
    // Somebody has used it; who that is, this device has not looked at yet.
    #expect(try clinic.admin.does("invite", "ls").contains("\(id) (unverified)"))
    try clinic.admin.does("sync")
    let list = try clinic.admin.does("invite", "ls")
    #expect(list.contains("\(id)") && !list.contains("\(id) (unverified)"))
  }

  private func account(of person: Person) throws -> String {
    let shown = try person.does("key", "show", "--json")
    let object = try JSONSerialization.jsonObject(with: Data(shown.utf8)) as? [String: Any]
    return try #require(object?["account"] as? String)
  }
}
