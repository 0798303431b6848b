import CommandSupport
import Foundation
import Testing

/// Files shared with a practitioner, within what the consent allows, and taken back.
@Suite(.clinic, .serialized) struct ShareTests {
  /// A practitioner and a client with an active consent to `permissions`.
  private func pair(_ number: Int, can permissions: String) throws -> (berg: Person, ann: Person) {
    let clinic = try Clinic.current
    let berg = try clinic.newcomer("Dr. Berg \(number)", "practitioner")
    let ann = try clinic.newcomer("Ann \(number)", "client")
    try clinic.admin.does(
      "assign", "--practitioner", berg.name, "--client", ann.name, "--can", permissions)
    try sync(berg, ann)
    try berg.does("consent", "accept")
    try ann.does("consent", "approve", "--can", permissions)
    try sync(berg, ann, berg)
    return (berg, ann)
  }

  private func sync(_ people: Person...) throws {
    for person in people { try person.does("sync") }
  }

  private func add(_ name: String, _ text: String, _ person: Person) throws {
    try person.does("vault", "add", try Clinic.current.stage.file(name, text))
  }

  @Test func sharedFileIsReadUntilItIsRevoked() throws {
    let (berg, ann) = try pair(1, can: "view,download,note")
    try add("scan.txt", "all fine", ann)
    try add("diary.txt", "private", ann)
    let shared = try ann.does(
      "share", "scan.txt", "--with", berg.name, "--can", "view,note", "--until", "7d")
    #expect(shared.contains("scan.txt is shared with \(berg.name)"))
    try sync(ann, berg)
    #expect(try berg.does("shared", "cat", "scan.txt") == "all fine")
    #expect(!(try berg.does("shared", "ls").contains("diary")))
    // Viewing is not downloading.
    let download = try berg.run(
      "shared", "get", "scan.txt", "--to", berg.home + "-disk", expecting: 3)
    #expect(download.err.contains("download_files"))
    #expect(download.err.contains("hint: the client decides"))
    // After its end it does not open.
    let eightDays = ["SATCHEL_CLOCK_SHIFT_MS": String(8 * 24 * 3600 * 1000)]
    let late = try berg.run("shared", "cat", "scan.txt", expecting: 3, with: eightDays)
    #expect(late.out.isEmpty)
    // Setting the clock back does not help; the server says what time it is.
    let back = try berg.run("shared", "cat", "scan.txt", expecting: 3)
    #expect(back.err.contains("expired"))
    try sync(berg)
    #expect(try berg.does("shared", "cat", "scan.txt") == "all fine")

    try berg.does("note", "add", "scan.txt", "seen it")
    try sync(berg, ann)
    #expect(try ann.does("note", "ls").contains("seen it"))

    let revoked = try ann.does("revoke", "scan.txt", "--from", berg.name)
    #expect(revoked.contains("what was delivered before cannot be taken back"))
    try sync(ann, berg)
    let gone = try berg.run("shared", "cat", "scan.txt", expecting: 3)
    #expect(gone.out.isEmpty)
  }

  @Test func consentIsTheLimit() throws {
    let (berg, ann) = try pair(2, can: "view")
    try add("scan.txt", "all fine", ann)
    let more = try ann.run(
      "share", "scan.txt", "--with", berg.name, "--can", "download", expecting: 3)
    #expect(more.err.contains("error: "))
    let nobody = try ann.run("share", "scan.txt", "--with", "Nobody", expecting: 1)
    #expect(nobody.err.contains("error: there is no Nobody") || nobody.err.contains("Nobody"))
    let nothing = try ann.run("share", "nothing.txt", "--with", berg.name, expecting: 1)
    #expect(nothing.err.contains("nothing.txt"))
  }

  @Test func endOfTheConsentEndsItsShares() throws {
    let (berg, ann) = try pair(3, can: "view,download")
    try add("scan.txt", "all fine", ann)
    try ann.does("share", "scan.txt", "--with", berg.name)
    try sync(ann, berg)
    #expect(try berg.does("shared", "cat", "scan.txt") == "all fine")
    try ann.does("consent", "revoke")
    try sync(ann, berg)
    // Its space has left the practitioner's device, names and all.
    let gone = try berg.run("shared", "cat", "scan.txt", expecting: 1)
    #expect(gone.err == "error: there is no scan.txt\n")
    #expect(gone.out.isEmpty)
    let again = try ann.run("share", "scan.txt", "--with", berg.name, expecting: 3)
    #expect(again.err.contains("error: the consent was "))
  }

  @Test func everyAttemptIsInTheAudit() throws {
    let (berg, ann) = try pair(4, can: "view")
    try add("scan.txt", "all fine", ann)
    try ann.does("share", "scan.txt", "--with", berg.name)
    try sync(ann, berg)
    try berg.does("shared", "cat", "scan.txt")
    try berg.run("shared", "get", "scan.txt", "--to", berg.home + "-disk", expecting: 3)
    let audit = try berg.does("audit")
    #expect(audit.split(separator: "\n").count >= 3, "\(audit)")
    #expect(audit.contains("scan.txt"))
  }
}
