import CommandSupport
import Foundation
import Testing

/// An organisation's own record type, by the programs.
@Suite(.clinic, .serialized) struct OrganisationTypeTests {
  @Test func declaredListedAndUsed() throws {
    let clinic = try Clinic.current
    let ann = try clinic.newcomer("Ann", "client")
    let berg = try clinic.newcomer("Dr. Berg", "practitioner")
    try clinic.admin.does("team", "propose", berg.name)
    try berg.does("sync")
    try berg.does("team", "start")
    try clinic.admin.does("sync")
    try clinic.admin.does("casework", "open", "--client", ann.name)

    let told = try clinic.admin.run("org", "schema", "ls", expecting: 0)
    let ending = try #require(told.err.firstMatch(of: /x_NAME(_[0-9a-f]{16})/)).1
    func file(_ name: String) throws -> String {
      let text = """
        {
          "type": "\(name)", "space": "casework", "concurrent_delete": "edit_wins",
          "history": "keep", "fields": { "room": { "kind": "text", "rule": "latest" } },
          "create": ["contact", "staff"], "delete": ["staff"]
        }
        """
      return try clinic.stage.file("visit.json", text)
    }
    let refused = try clinic.admin.run(
      "org", "schema", "add", file("x_visit"), expecting: 1)
    #expect(refused.err.contains("x_NAME\(ending)"))
    let declared = try clinic.admin.does("org", "schema", "add", file("x_visit\(ending)"))
    #expect(declared.contains("x_visit\(ending)"))
    for person in [ann, berg, ann] { try person.does("sync") }
    #expect(try ann.does("org", "schema", "ls", "--json").contains(#""in_use": true"#))

    let made = try ann.does("record", "new", "x_visit", "room=3")
    let id = try #require(made.split(separator: "\n").first).description
    try ann.does("sync")
    try berg.does("sync")
    #expect(try berg.does("record", "set", id, "room=4").contains("room"))
    #expect(try berg.does("sql", "SELECT room FROM x_visit\(ending)").contains("4"))
    #expect(try ann.run("record", "new", "x_visit", "room", expecting: 2).err.contains("FIELD"))
  }
}
