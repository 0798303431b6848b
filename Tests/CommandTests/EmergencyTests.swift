import CommandSupport
import Foundation
import Testing

/// A client's vault, opened by the clinic's emergency team and the server together.
@Suite(.clinic, .serialized) struct EmergencyTests {
  private static let reason = "Found unconscious, allergies unknown to us."

  private struct Status: Decodable {
    let account: String
  }

  private func account(of person: Person) throws -> String {
    let json = try person.does("status", "--json")
    return String(try JSONDecoder().decode(Status.self, from: Data(json.utf8)).account.prefix(8))
  }

  @Test func depositDrillOpenAndClose() throws {
    let clinic = try Clinic.current
    let berg = try clinic.newcomer("Dr. Berg", "practitioner")
    let ann = try clinic.newcomer("Ann", "client")
    try clinic.admin.does("team", "propose", berg.name)
    try berg.does("sync")
    try berg.does("team", "start")
    try clinic.admin.does("sync")
    try ann.does("sync")
    let early = try ann.run("emergency", "deposit", "on", expecting: 1)
    #expect(early.err.contains("emergency team"))
    try clinic.admin.does("emergency", "team", "Cardio")
    try clinic.admin.does("casework", "open", "--client", ann.name)
    for person in [ann, berg, ann, berg] { try person.does("sync") }

    // The team knows a client of casework by the account's id only.
    let client = try account(of: ann)
    let missing = try berg.run("emergency", "drill", expecting: 1)
    #expect(missing.out.contains("no deposit"))
    let refused = try berg.run(
      "emergency", "open", client, "--type", "medical", "--reason", Self.reason, expecting: 1)
    #expect(refused.err.contains("no emergency deposit"))

    let file = try clinic.stage.file("allergies.txt", "penicillin")
    try ann.does("vault", "add", file)
    #expect(try ann.does("emergency", "deposit", "on").contains("ready"))
    #expect(try berg.does("emergency", "drill").contains("could be opened"))

    _ = try berg.run(
      "emergency", "open", client, "--type", "medical", "--reason", "because", expecting: 1)
    try berg.does(
      "emergency", "open", client, "--type", "medical", "--reason", Self.reason, "--hours", "2")
    #expect(try berg.does("emergency", "files", client).contains("allergies.txt"))
    let target = clinic.stage.folder.appending(path: "emergency").path
    try berg.does("emergency", "get", client, "allergies.txt", "--to", target)
    let text = try String(contentsOfFile: target + "/allergies.txt", encoding: .utf8)
    #expect(text == "penicillin")

    let told = try ann.does("sync")
    #expect(told.contains("has opened your vault") && told.contains(Self.reason))
    #expect(try ann.run("status", expecting: 0).err.contains("is open by Dr. Berg"))
    try berg.does("emergency", "close", client)
    _ = try berg.run("emergency", "files", client, expecting: 1)
    #expect(try ann.does("sync").contains("has ended"))
    #expect(try ann.does("emergency", "deposit", "status").contains("ready"))
    #expect(try ann.does("emergency", "ls").contains("ended"))
    #expect(try ann.does("emergency", "deposit", "off").contains("no deposit"))
  }
}
