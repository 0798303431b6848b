import Foundation
import Testing

/// `password change`, `logout`, `login`.
@Suite(.clinic, .serialized) struct PasswordTests {
  @Test func thePasswordIsChanged() throws {
    let clinic = try Clinic.current
    let ann = try clinic.newcomer("Ann Password", "client")
    let next = try clinic.stage.file("next", "another horse\n")
    let wrong = try clinic.stage.file("wrong", "battery\n")
    let refused = try ann.run(
      "password", "change", "--password-file", wrong, "--new-password-file", next, expecting: 3)
    #expect(refused.err.contains("error: wrong password"))
    // It is still unlocked, and opens with the old one.
    try ann.does("people", with: ["SATCHEL_PASSWORD_FILE": ""])
    let changed = try ann.run("password", "change", "--new-password-file", next, expecting: 0)
    #expect(changed.out.contains("the password is changed"))
    #expect(changed.err.contains("unlock it with the new one"))
    try ann.run("people", expecting: 3)
    try ann.run("people", expecting: 3, with: ["SATCHEL_PASSWORD_FILE": ""])
    try ann.does("people", with: ["SATCHEL_PASSWORD_FILE": next])
    try ann.does("sync", with: ["SATCHEL_PASSWORD_FILE": next])
  }

  @Test func anAgentWithTheOldKeyOpensNothing() throws {
    let clinic = try Clinic.current
    let ann = try clinic.newcomer("Ann Agent", "client")
    let next = try clinic.stage.file("next-agent", "another horse\n")
    try ann.does("unlock", "--for", "10m")
    // The agent survives a change that it was not told of.
    let copy = clinic.stage.folder.appending(path: "socket").path
    try FileManager.default.moveItem(atPath: ann.home + "/agent.sock", toPath: copy)
    try ann.does("password", "change", "--new-password-file", next)
    try FileManager.default.moveItem(atPath: copy, toPath: ann.home + "/agent.sock")
    try ann.run("people", expecting: 3, with: ["SATCHEL_PASSWORD_FILE": ""])
    #expect(!FileManager.default.fileExists(atPath: ann.home + "/agent.sock"))
  }

  @Test func loggingOutIsNotLocking() throws {
    let clinic = try Clinic.current
    let ann = try clinic.newcomer("Ann Out", "client")
    let file = try clinic.stage.file("plan.txt", "plan")
    try ann.does("vault", "add", file)
    let out = try ann.run("logout", expecting: 0)
    #expect(out.out.contains("logged out"))
    #expect(out.out.contains("unsent changes stay here"))
    for words in [["sync"], ["people"], ["unlock"]] {
      let refused = try ann.run(typed: words)
      #expect(refused.exit == 3, "\(refused.transcript)")
      #expect(refused.err.contains("error: you are logged out here"))
      #expect(refused.err.contains("hint: log in with `satchel login`"))
    }
    #expect(try ann.does("status").contains("logged out"))
    let wrong = try clinic.stage.file("wrong-login", "battery\n")
    try ann.run("login", "--password-file", wrong, expecting: 3)
    let back = try ann.does("login")
    #expect(back.contains("logged in"))
    #expect(back.contains("synced: 1 sent"))
    #expect(try ann.does("vault", "cat", "plan.txt") == "plan")
    #expect(try ann.run("login", expecting: 0).err.contains("you are logged in here"))
  }
}
