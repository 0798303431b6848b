import CommandSupport
import Foundation
import Testing

/// What was refused is kept, explained, and written again when it may be.
@Suite(.clinic, .serialized) struct RejectedTests {
  private func sync(_ people: Person...) throws {
    for person in people { try person.does("sync") }
  }

  @Test func refusedWhileItWasNotAllowedAndWrittenAgain() throws {
    let clinic = try Clinic.current
    let berg = try clinic.newcomer("Dr. Berg", "practitioner")
    let ann = try clinic.newcomer("Ann", "client")
    try clinic.admin.does("assign", "--practitioner", berg.name, "--client", ann.name)
    try sync(berg, ann)
    try berg.does("consent", "accept")
    try ann.does("consent", "approve")
    try ann.does("vault", "add", try clinic.stage.file("scan.txt", "all fine"))
    try sync(berg, ann, berg)
    try ann.does("share", "scan.txt", "--with", berg.name, "--can", "view,note")
    try sync(ann, berg)

    // Written offline, while the client takes the permission back.
    try berg.does("note", "add", "scan.txt", "seen it")
    try ann.does("consent", "approve", "--can", "view")
    try sync(ann)
    let refused = try berg.run("sync", expecting: 5)
    #expect(refused.transcript.contains("the consent does not allow this (add_notes)"))
    #expect(try berg.does("rejected", "ls").contains("note"))
    #expect(try berg.does("rejected", "show", "1").contains("seen it"))
    let early = try berg.run("rejected", "reissue", "1", expecting: 5)
    #expect(early.err.contains("the consent does not allow this (add_notes)"))
    #expect(early.err.contains("the client decides what is allowed"))
    // Whoever tries a new one is told before anything is written.
    let denied = try berg.run("note", "add", "scan.txt", "again", expecting: 3)
    #expect(denied.err.contains("add_notes"))

    try berg.does("rejected", "reissue", "1", "--force")
    try berg.run("sync", expecting: 5)
    let again = try berg.does("rejected", "ls", "--json")
    let writes = try JSONDecoder().decode([Rejected].self, from: Data(again.utf8))
    let last = try #require(writes.last)
    #expect(writes.count == 1 && last.reissueOf != nil && !last.refusal.unfounded)

    try ann.does("consent", "approve", "--can", "view,note")
    try sync(ann, berg)
    try berg.does("rejected", "reissue", String(last.number))
    try sync(berg, ann)
    #expect(try ann.does("note", "ls").contains("seen it"))
    #expect(try berg.does("rejected", "ls", "--json") == "[]")
    try berg.run("rejected", "reissue", "1", expecting: 1)
  }

  private struct Rejected: Decodable {
    struct Refusal: Decodable {
      let unfounded: Bool
    }

    struct Origin: Decodable {}

    let number: Int
    let reissueOf: Origin?
    let refusal: Refusal

    enum CodingKeys: String, CodingKey {
      case number, refusal
      case reissueOf = "reissue_of"
    }
  }
}
