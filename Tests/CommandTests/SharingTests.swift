import CommandSupport
import Foundation
import Testing

/// Folders that are shared, requests for access, and what is known of what was taken back.
@Suite(.clinic, .serialized) struct SharingTests {
  private func pair(_ number: Int) throws -> (berg: Person, ann: Person) {
    let clinic = try Clinic.current
    let berg = try clinic.newcomer("Dr. Lang \(number)", "practitioner")
    let ann = try clinic.newcomer("Una \(number)", "client")
    try clinic.admin.does(
      "assign", "--practitioner", berg.name, "--client", ann.name, "--can", "view,download,note")
    try sync(berg, ann)
    try berg.does("consent", "accept")
    try ann.does("consent", "approve")
    try sync(berg, ann, berg)
    return (berg, ann)
  }

  private func sync(_ people: Person...) throws {
    for person in people { try person.does("sync") }
  }

  private func add(_ name: String, _ text: String, to folder: String, _ person: Person) throws {
    try person.does("vault", "add", try Clinic.current.stage.file(name, text), "--to", folder)
  }

  @Test func aFolderAndItsReceipts() throws {
    let (berg, ann) = try pair(1)
    try add("one.txt", "1", to: "docs", ann)
    let neither = try ann.run("share", "--with", berg.name, expecting: 2)
    #expect(neither.err.contains("either PATH or --vault"))
    let shared = try ann.does("share", "docs", "--with", berg.name, "--can", "view,download")
    #expect(
      shared.contains("docs is shared with \(berg.name) (unverified): 1 file now, new ones follow"))
    try add("two.txt", "2", to: "docs", ann)
    try sync(ann, berg, ann)
    #expect(try berg.does("shared", "cat", "two.txt") == "2")
    let standing = try ann.does("shares", "--standing")
    #expect(standing.contains("docs") && standing.contains("in force"))
    let list = try ann.does("shares")
    #expect(list.contains("FETCHED") && list.contains("active, standing"))
    #expect(!list.contains("never"))
    #expect(try ann.does("shares", "--accesses").contains("share-blob"))

    let revoked = try ann.does("revoke", "docs", "--from", berg.name)
    #expect(revoked.contains("revoked one.txt") && revoked.contains("not seen since"))
    try add("three.txt", "3", to: "docs", ann)
    try sync(ann, berg, ann)
    try berg.run("shared", "cat", "two.txt", expecting: 3)
    #expect(!(try berg.does("shared", "ls").contains("three.txt")))
    let receipts = try ann.does("shares", "--receipts")
    #expect(receipts.contains("stopped at the server") && receipts.contains("reported purged"))
    let json = try ann.does("shares", "--receipts", "--json")
    #expect(json.contains("\"reported_purged\""))
  }

  @Test func theVaultWhileActive() throws {
    let (berg, ann) = try pair(2)
    try add("one.txt", "1", to: "docs", ann)
    let shared = try ann.does("share", "--vault", "--active", "--with", berg.name)
    #expect(shared.contains("the whole vault is shared with \(berg.name) (unverified): 1 file now"))
    try sync(ann, berg)
    #expect(try berg.does("shared", "cat", "one.txt") == "1")
    #expect(try ann.does("shares", "--standing").contains("while active"))
    try ann.does("revoke", "--vault", "--from", berg.name)
    let again = try ann.run("revoke", "--vault", "--from", berg.name, expecting: 1)
    #expect(again.err.contains("to revoke"))
  }

  @Test func askingAndAnswering() throws {
    let (berg, ann) = try pair(3)
    try add("scan.txt", "all fine", to: "docs", ann)
    try ann.does("sync")
    try berg.run("request", ann.name, expecting: 2)
    let empty = try berg.run("request", ann.name, "--reason", " ", expecting: 1)
    #expect(empty.err.contains("a request needs a reason"))
    try berg.does("request", ann.name, "--file", "scan.txt", "--reason", "before Monday")
    try sync(berg)
    #expect(try ann.does("sync").contains("asks for access"))
    let waiting = try ann.does("requests")
    #expect(waiting.contains("before Monday") && waiting.contains("requested"))
    let approved = try ann.does("approve")
    #expect(approved.contains("approved: scan.txt is shared with \(berg.name)"))
    try sync(ann, berg)
    #expect(try berg.does("shared", "cat", "scan.txt") == "all fine")
    #expect(try berg.does("requests").contains("approved"))

    try berg.does("request", ann.name, "--reason", "all of it")
    try sync(berg, ann)
    try ann.does("deny", "--message", "not all")
    try sync(ann, berg)
    let answers = try berg.does("requests", "--all")
    #expect(answers.contains("denied") && answers.contains("not all"))
    let none = try ann.run("approve", expecting: 1)
    #expect(none.err.contains("there is no open request"))
    #expect(try ann.does("requests", "--json").contains("\"state\""))
  }
}
