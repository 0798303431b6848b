import CommandSupport
import Foundation
import Testing

/// Files in the own vault, and on the account's next device.
@Suite(.clinic, .serialized) struct VaultTests {
  @Test func filesGoInAndComeOutAsTheyWere() throws {
    let clinic = try Clinic.current
    let ann = try clinic.newcomer("Ann", "client")
    let letter = try clinic.stage.file("letter.txt", "Dear Ann\n")
    let added = try ann.does("vault", "add", letter, "--to", "Letters")
    #expect(added.hasPrefix("added  Letters/letter.txt"))
    #expect(try ann.does("vault", "add", letter, "--to", "Letters").hasPrefix("unchanged"))
    #expect(try ann.does("vault", "ls") == "Letters/")
    #expect(try ann.does("vault", "ls", "Letters") == "letter.txt")
    #expect(try ann.run("vault", "cat", "Letters/letter.txt", expecting: 0).out == "Dear Ann\n")

    let out = clinic.stage.folder.appending(path: "out").path
    try ann.does("vault", "get", "Letters", "--to", out)
    #expect(
      try String(contentsOfFile: "\(out)/Letters/letter.txt", encoding: .utf8) == "Dear Ann\n")
    // What is on the disk is not replaced unasked.
    let again = try ann.run("vault", "get", "Letters", "--to", out, expecting: 1)
    #expect(again.err.contains("error: "))
    try ann.does("vault", "get", "Letters", "--to", out, "--force")
  }

  @Test func namesAreMovedAndDeleted() throws {
    let clinic = try Clinic.current
    let ann = try clinic.newcomer("Ann Moves", "client")
    try ann.does("vault", "add", clinic.stage.file("one.txt", "one"))
    try ann.does("vault", "mv", "one.txt", "two.txt")
    #expect(try ann.does("vault", "ls") == "two.txt")
    try ann.does("vault", "rm", "two.txt")
    let gone = try ann.run("vault", "cat", "two.txt", expecting: 1)
    #expect(gone.err.contains("error: there is no "))
    let missing = try ann.run("vault", "add", "/nowhere", expecting: 1)
    #expect(missing.err.contains("/nowhere"))
    #expect(gone.out.isEmpty)
  }

  @Test func nextDeviceHasTheFilesToo() throws {
    let clinic = try Clinic.current
    let ann = try clinic.newcomer("Ann Twice", "client")
    try ann.does("vault", "add", clinic.stage.file("before.txt", "before"))
    try ann.does("sync")
    let token = try ann.does("device", "add")
    let phone = try clinic.stage.person("phone")
    let waiting = try phone.starts("init", "--server", clinic.server.url, "--join", token)
    _ = try waiting.line(after: "this device asks to join")
    try ann.does("device", "approve")
    try ann.does("device", "approve", "--code", waiting.line(after: "short code: "))
    #expect(try waiting.finish().exit == 0)
    #expect(try phone.does("vault", "cat", "before.txt") == "before")
    // And the other way round.
    try phone.does("vault", "add", clinic.stage.file("after.txt", "after"))
    try phone.does("sync")
    try ann.does("sync")
    #expect(try ann.does("vault", "cat", "after.txt") == "after")
  }

  @Test func nothingReadableLiesOnAnyDisk() throws {
    let clinic = try Clinic.current
    let ann = try clinic.newcomer("Ann Sealed", "client")
    let text = "canary-\(UUID().uuidString)"
    let path = try clinic.stage.file("\(text).txt", text)
    try ann.does("vault", "add", path)
    try ann.does("sync")
    try FileManager.default.removeItem(atPath: path)
    for folder in [ann.home, clinic.stage.folder.appending(path: "server").path] {
      let found = try ann.shell("grep -rlaF -e '\(text)' '\(folder)'")
      #expect(found.exit == 1, "\(found.transcript)")
    }
    // The search itself finds what is there.
    _ = try clinic.stage.file("plain", text)
    #expect(try ann.shell("grep -rlaF -e '\(text)' '\(clinic.stage.folder.path)'").exit == 0)
  }
}
