import CommandSupport
import Foundation
import Testing

/// Two people compare their keys.
@Suite(.clinic, .serialized) struct KeyTests {
  private func words(_ person: Person) throws -> String {
    let shown = try person.does("key", "show", "--json")
    let object = try JSONSerialization.jsonObject(with: Data(shown.utf8)) as? [String: Any]
    return try #require(object?["words"] as? String)
  }

  @Test func comparedWordsVerifyAPerson() throws {
    let clinic = try Clinic.current
    let ann = try clinic.newcomer("Ann Compares", "client")
    let berg = try clinic.newcomer("Dr. Berg", "practitioner")
    try clinic.admin.does("assign", "--practitioner", "Dr. Berg", "--client", "Ann Compares")
    for person in [berg, ann] { try person.does("sync") }
    #expect(try ann.does("consent", "ls").contains("Dr. Berg (unverified)"))
    #expect(try ann.does("people").contains("unverified"))
    let said = try words(berg)
    #expect(said.split(separator: " ").count == 12)
    let shown = try berg.does("key", "show")
    #expect(shown.contains("satchel-key-1-"))
    // As Ann's device sees them.
    #expect(try ann.does("key", "show", "Dr. Berg").contains(said.prefix(20)))
    let own = try ann.run("key", "verify", "Dr. Berg", "--words", words(ann), expecting: 5)
    #expect(own.err.contains("nothing was noted"))
    let mistyped = try ann.run(
      "key", "verify", "Dr. Berg", "--words", said.replacing(" ", with: " x", maxReplacements: 1),
      expecting: 5)
    #expect(mistyped.err.contains("word 2"))
    try ann.run("key", "verify", "Dr. Berg", expecting: 2)
    try ann.run("key", "verify", "Ann Compares", "--words", said, expecting: 2)
    #expect(try ann.does("key", "verify", "Dr. Berg", "--words", said).contains("is verified"))
    #expect(try !ann.does("consent", "ls").contains("(unverified)"))
    #expect(try ann.does("people", "--json").contains("\"verification\": \"verified\""))
    try ann.does("key", "verify", "Dr. Berg", "--forget")
    #expect(try ann.does("consent", "ls").contains("Dr. Berg (unverified)"))
    let token = try #require(shown.split(separator: "\n").first { $0.hasPrefix("satchel-key") })
    #expect(try ann.does("key", "verify", "Dr. Berg", "--key", String(token)).contains("verified"))
    try ann.run("key", "verify", "Dr. Berg", "--key", String(token.dropLast(3)), expecting: 2)
  }

  @Test func theCodeIsAPicture() throws {
    let clinic = try Clinic.current
    let ann = try clinic.newcomer("Ann Picture", "client")
    let path = clinic.stage.folder.appending(path: "key.svg").path
    try ann.does("key", "show", "--svg", path)
    let picture = try String(contentsOfFile: path, encoding: .utf8)
    #expect(picture.hasPrefix("<svg"))
    #expect(try ann.does("key", "show", "--qr").contains("█"))
    let again = try ann.run("key", "show", "--svg", path, expecting: 1)
    #expect(again.err.contains("there is a file at"))
  }
}
