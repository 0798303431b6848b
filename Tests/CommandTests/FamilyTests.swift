import CommandSupport
import Foundation
import Testing

/// A client lets a family caregiver in, changes what they may, and ends it (requirement E4).
@Suite(.clinic, .serialized) struct FamilyTests {
  private func sync(_ people: Person...) throws {
    for person in people { try person.does("sync") }
  }

  @Test func fromInvitationToTheEnd() throws {
    let clinic = try Clinic.current
    let ann = try clinic.newcomer("Ann Family", "client")
    try ann.does("vault", "add", try clinic.stage.file("plan.txt", "rest"))
    let wrong = try ann.run(
      "invite", "--role", "family", "--can", "emergency_contact", expecting: 1)
    #expect(wrong.err.contains("cannot be allowed to a family caregiver"))
    let token = try ann.does(
      "invite", "--role", "family", "--name", "May", "--can", "view,note,view_reports")

    let may = try clinic.stage.person("May")
    try may.does("init", "--server", clinic.server.url, "--invite", token, "--name", "May")
    try may.unlock()
    let early = try may.run("consent", "ls", expecting: 0)
    #expect(early.err.contains("waiting for a device of the one who invited you"))

    // The client's device does the rest by itself.
    try sync(ann, may)
    for person in [ann, may] {
      let list = try person.does("consent", "ls")
      #expect(list.contains("active") && list.contains("view_reports"), "for \(person.name)")
    }
    try ann.does("share", "plan.txt", "--with", "May", "--can", "view,note")
    try sync(ann, may)
    #expect(try may.does("shared", "cat", "plan.txt") == "rest")
    try may.does("note", "add", "plan.txt", "I am with you")
    try sync(may, ann)
    #expect(try ann.does("note", "ls").contains("I am with you"))
    let words = try may.run("consent", "approve", expecting: 3)
    #expect(words.err.contains("as a family caregiver you can accept, decline or withdraw"))

    // Less, and then nothing.
    try ann.does("consent", "approve", "May", "--can", "view_reports")
    try sync(ann, may)
    try may.run("shared", "cat", "plan.txt", expecting: 3)
    try ann.does("consent", "revoke", "May")
    try sync(ann, may)
    #expect(try may.does("consent", "ls").contains("revoked"))
    let status = try may.does("sql", "SELECT consent_status(space, record) FROM assignment")
    #expect(status.contains("revoked"))
  }
}
