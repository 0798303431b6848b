import CommandSupport
import Foundation
import Testing

/// One home: its password, its lock, its agent.
@Suite(.clinic, .serialized) struct HomeTests {
  @Test func homeIsMadeOnceAndForItsOwner() throws {
    let clinic = try Clinic.current
    let admin = clinic.admin
    let again = try admin.run(
      "init", "--server", clinic.server.url, "--invite", clinic.invitation("client"), expecting: 1)
    #expect(again.err.contains("error: there is a Satchel home at \(admin.home) already"))
    #expect(again.err.contains("hint: "))
    for path in ["", "/replica.db", "/lock"] {
      #expect(try permissions(admin.home + path) & 0o077 == 0, "\(path)")
    }
    // The attempt changed nothing: the home still works.
    try admin.does("sync")
  }

  private func permissions(_ path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return try #require(attributes[.posixPermissions] as? Int)
  }

  @Test func passwordComesFromAFileOrADescriptor() throws {
    let ann = try Clinic.current.newcomer("Ann", "client")
    try ann.does("lock")
    let none = ["SATCHEL_PASSWORD_FILE": ""]
    try ann.does("people", "--password-file", ann.passwordFile, with: none)
    try ann.run("people", "--password-fd", "0", expecting: 0, with: none, input: Person.password)
    let line = "unset SATCHEL_PASSWORD_FILE; satchel people --password-fd 7 7<'\(ann.passwordFile)'"
    let outcome = try ann.shell(line)
    #expect(outcome.exit == 0, "\(outcome.transcript)")
    let both = try ann.run(
      "people", "--password-fd", "0", "--password-file", ann.passwordFile, expecting: 2, with: none)
    #expect(both.err.contains("exclude each other"))
    try ann.run("people", "--password-fd", "x", expecting: 2, with: none)
    let missing = try ann.run("people", expecting: 1, with: ["SATCHEL_PASSWORD_FILE": "/nowhere"])
    #expect(missing.err.contains("cannot read the password file /nowhere"))
  }

  @Test func wrongPasswordChangesNothing() throws {
    let clinic = try Clinic.current
    let berg = try clinic.newcomer("Dr. Berg", "practitioner")
    try berg.does("lock")
    let wrong = try clinic.stage.file("wrong", "battery staple\n")
    let outcome = try berg.run("people", "--password-file", wrong, expecting: 3)
    #expect(outcome.err.contains("error: wrong password"))
    #expect(outcome.err.contains("hint: "))
    try berg.run("unlock", "--password-file", wrong, expecting: 3)
    try berg.does("people")
  }

  @Test func lockedHomeTakesInAndDoesNoMore() throws {
    let ann = try Clinic.current.newcomer("Ann Locked", "client")
    try ann.does("lock")
    let none = ["SATCHEL_PASSWORD_FILE": ""]
    let people = try ann.run("people", expecting: 3, with: none)
    #expect(people.err.contains("error: the home is locked"))
    #expect(people.err.contains("hint: unlock it with `satchel unlock`"))
    let sync = try ann.run("sync", expecting: 0, with: none)
    #expect(sync.err.contains("the home is locked: nothing was sent"))
  }

  @Test func agentServesUntilItIsLocked() throws {
    let ann = try Clinic.current.newcomer("Ann Agent", "client")
    let none = ["SATCHEL_PASSWORD_FILE": ""]
    try ann.does("people", with: none)
    try ann.does("lock")
    try ann.run("people", expecting: 3, with: none)
    let again = try ann.run("lock", expecting: 0)
    #expect(again.err.contains("it was locked already"))
    try ann.run("unlock", "--for", "soon", expecting: 2)
    try ann.run("unlock", "--for", "30d", expecting: 2)
  }

  @Test func secondProcessIsTurnedAway() throws {
    let admin = try Clinic.current.admin
    let outcome = try admin.shell("flock '\(admin.home)/lock' satchel sync")
    #expect(outcome.exit == 1, "\(outcome.transcript)")
    #expect(outcome.err.contains("error: another Satchel process uses this home"))
    #expect(outcome.err.contains("hint: wait for it to end; nothing was changed"))
    try admin.does("sync")
  }
}
