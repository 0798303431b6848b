import CommandSupport
import Foundation
import Testing

/// Both sides of an assignment decide; access needs both, in whatever order (requirement E5).
@Suite(.clinic, .serialized) struct ConsentTests {
  /// A practitioner and a client who have been proposed to each other and know of it.
  private func pair(_ number: Int) throws -> (berg: Person, ann: Person) {
    let clinic = try Clinic.current
    let berg = try clinic.newcomer("Dr. Berg \(number)", "practitioner")
    let ann = try clinic.newcomer("Ann \(number)", "client")
    let proposed = try clinic.admin.does(
      "assign", "--practitioner", berg.name, "--client", ann.name, "--until", "30d")
    #expect(proposed.contains("is proposed; both sides decide"))
    try berg.does("sync")
    try ann.does("sync")
    return (berg, ann)
  }

  private func status(_ person: Person) throws -> String {
    let list = try person.does("consent", "ls", "--json")
    let assignments = try JSONDecoder().decode([Assignment].self, from: Data(list.utf8))
    // An administrator has those of the whole suite.
    return try #require(assignments.last).status
  }

  private struct Assignment: Decodable {
    let status: String
  }

  private func expectStatus(
    _ expected: String, _ people: [Person], _ location: SourceLocation = #_sourceLocation
  ) throws {
    for person in people {
      try person.does("sync")
      let status = try status(person)
      #expect(status == expected, "for \(person.name)", sourceLocation: location)
    }
  }

  @Test func practitionerFirst() throws {
    let (berg, ann) = try pair(1)
    try berg.does("consent", "accept")
    try expectStatus("pending", [berg, ann])
    try ann.does("consent", "approve", "--can", "view,note")
    try expectStatus("active", [ann, berg, try Clinic.current.admin])
    let list = try berg.does("consent", "ls")
    #expect(list.contains("note,view") && !list.contains("download"))
  }

  @Test func clientFirst() throws {
    let (berg, ann) = try pair(2)
    try ann.does("consent", "approve", "--can", "view")
    try expectStatus("pending", [ann, berg])
    try berg.does("consent", "accept")
    try expectStatus("active", [berg, ann])
    // Access is what both approved.
    #expect(!(try berg.does("consent", "ls").contains("download")))
  }

  @Test func practitionerDeclines() throws {
    let (berg, ann) = try pair(3)
    try ann.does("consent", "approve")
    try ann.does("sync")
    try berg.does("consent", "decline", "--reason", "no time")
    try expectStatus("declined", [berg, ann])
  }

  @Test func clientDeclines() throws {
    let (berg, ann) = try pair(4)
    try berg.does("consent", "accept")
    try berg.does("sync")
    try ann.does("consent", "decline")
    try expectStatus("declined", [ann, berg])
  }

  @Test func eachSideHasItsOwnWords() throws {
    let (berg, ann) = try pair(5)
    let approve = try berg.run("consent", "approve", expecting: 3)
    #expect(approve.err.contains("as a practitioner you can accept, decline or withdraw"))
    let accept = try ann.run("consent", "accept", expecting: 3)
    #expect(accept.err.contains("as a client you can approve, decline or revoke"))
    let unknown = try ann.run("consent", "approve", "--can", "everything", expecting: 2)
    #expect(unknown.err.contains("there is no permission “everything”"))
    try ann.run("consent", "approve", "--until", "yesterday", expecting: 2)
  }

  @Test func clientRevokes() throws {
    let (berg, ann) = try pair(6)
    try berg.does("consent", "accept")
    try berg.does("sync")
    try ann.does("sync")
    try ann.does("consent", "approve")
    try expectStatus("active", [ann, berg])
    try ann.does("consent", "revoke")
    try expectStatus("revoked", [ann, berg])
  }
}
