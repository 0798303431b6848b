import CommandSupport
import Foundation
import TestSupport
import Testing

/// The way back when every device is lost, with the real programs.
@Suite(.clinic, .serialized) struct RecoveryTests {
  private func clinic() throws -> Clinic { try Clinic.current }

  private func path(_ name: String) throws -> String {
    try clinic().stage.folder.appending(path: name).path
  }

  private func mode(_ path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? -1
  }

  @Test func allDevicesAreLostAndTheFilesComeBack() throws {
    let clinic = try clinic()
    let mira = try clinic.newcomer("Mira", "client")
    let letter = try clinic.stage.file("letter.txt", "Dear Mira")
    try mira.does("vault", "add", letter)
    try mira.does("sync")
    let page = try path("kit.txt")
    let picture = try path("kit.svg")
    let made = try mira.does("recovery", "kit", "--text", page, "--svg", picture)
    #expect(made.contains("is made"))
    #expect(try mode(page) == 0o600)
    #expect(try mode(picture) == 0o600)
    #expect(try mira.does("status").contains("recovery      kit "))
    #expect(try mira.does("device", "ls").contains("recovery kit"))
    let text = try String(contentsOfFile: page, encoding: .utf8)
    #expect(text.contains("For:        Mira"))
    #expect(text.contains(clinic.server.url))
    let drilled = try mira.does("recovery", "drill", "--kit", page)
    #expect(drilled.contains("brings back   vault 1"))
    // The home is gone, with its disk.
    try mira.does("lock")
    try FileManager.default.removeItem(atPath: mira.home)

    let back = try clinic.stage.person("Mira's new laptop")
    let next = try path("next.txt")
    let restored = try back.run(
      "recovery", "restore", "--kit", page, "--text", next, "--revoke-others", expecting: 0)
    #expect(restored.out.contains("is back; the recovery kit is used up"))
    #expect(restored.out.contains("is taken out"))
    #expect(restored.err.contains("nobody else has confirmed"))
    #expect(try back.does("vault", "cat", "letter.txt") == "Dear Mira")
    let status = try back.does("status")
    #expect(status.contains("nobody else has confirmed"))
    #expect(status.contains("Mira"))
    try confirm(back)
    // Used once; the next one stands.
    let thief = try clinic.stage.person("thief")
    let again = try thief.run("recovery", "restore", "--kit", page, expecting: 5)
    #expect(again.err.contains("this recovery kit was used, or another one has taken its place"))
    #expect(!thief.hasHome)
    try thief.does("recovery", "drill", "--kit", next)
  }

  /// The administrator sees the account as far as the restored device does.
  private func confirm(_ back: Person) throws {
    let admin = try clinic().admin
    let shown = try admin.does("device", "head", "Mira", "--json")
    let object = try JSONSerialization.jsonObject(with: Data(shown.utf8)) as? [String: Any]
    let words = try #require(object?["words"] as? String)
    let others = try admin.does("device", "head").split(separator: "\n").dropFirst()
      .joined(separator: " ")
    let wrong = try back.run("device", "confirm", "--words", others, expecting: 5)
    #expect(wrong.err.contains("nothing was confirmed"))
    try back.run("device", "confirm", expecting: 2)
    try back.run("device", "confirm", "--alone", expecting: 2)
    #expect(try back.does("device", "confirm", "--words", words) == "confirmed")
    #expect(!(try back.does("status").contains("nobody else has confirmed")))
    #expect(try back.does("device", "confirm").contains("nothing to confirm"))
  }

  /// Somebody types the words at a terminal, and nobody who looks at it sees them.
  @Test func typedWordsAreNotShown() throws {
    let vera = try clinic().newcomer("Vera", "client")
    let page = try path("typed.txt")
    try vera.does("recovery", "kit", "--text", page)
    let text = try String(contentsOfFile: page, encoding: .utf8)
    let code = try #require(
      text.split(whereSeparator: \.isWhitespace).first { $0.hasPrefix("satchel-kit-1-") })
    let found = text.matches(of: /(\d+)\. +([a-z]+)/).compactMap { match in
      Int(match.1).map { (number: $0, word: String(match.2)) }
    }
    let words = found.sorted { $0.number < $1.number }.map(\.word)
    try #require(words.count == 24)
    let terminal = try PseudoTerminal()
    let isEchoing = { terminal.mode.c_lflag & tcflag_t(ECHO) != 0 }
    #expect(isEchoing())
    let running = try vera.starts(
      "recovery", "drill", "--code", String(code), at: terminal)
    #expect(terminal.screen(through: "The kit's words: ").hasSuffix("The kit's words: "))
    #expect(!isEchoing())
    terminal.type(words.joined(separator: " ") + "\n")
    let shown = terminal.screen(through: "brings back   ")
    #expect(shown.contains("opens         the account's key"), "\(shown)")
    let told = shown.split(whereSeparator: { !$0.isLetter }).map(String.init)
    let plain: Set = ["account", "key", "device", "open", "back", "vault"]
    #expect(Set(told).intersection(words).subtracting(plain).isEmpty, "\(shown)")
    #expect(try running.finish().exit == 0)
    #expect(isEchoing())
  }

  /// What a reader makes of the QR code is a kit, as is what somebody types.
  @Test(
    .enabled(
      if: ["/usr/bin/rsvg-convert", "/usr/bin/zbarimg"].allSatisfy {
        FileManager.default.isExecutableFile(atPath: $0)
      }, "rsvg-convert or zbarimg is not here"))
  func theCodeOnThePageIsTheKit() throws {
    let nora = try clinic().newcomer("Nora", "client")
    let picture = try path("nora.svg")
    try nora.does("recovery", "kit", "--svg", picture)
    let scanned = try path("scanned.txt")
    let read = try nora.shell(
      "rsvg-convert -z 2 -o '\(picture).png' '\(picture)' && "
        + "zbarimg -q --raw -Sdisable -Sqrcode.enable '\(picture).png' > '\(scanned)'")
    #expect(read.exit == 0, "\(read.transcript)")
    try nora.does("recovery", "drill", "--kit", scanned)
    // Code and words apart.
    let lines = try String(contentsOfFile: scanned, encoding: .utf8).split(separator: "\n")
    let words = try #require(lines.last)
    let typed = try nora.run(
      "recovery", "drill", "--kit", "-", "--code", String(lines[0]), expecting: 0,
      input: words.uppercased().replacing(" ", with: "\n"))
    #expect(typed.out.contains("brings back"))
  }

  @Test func wrongWordsAreNamed() throws {
    let otto = try clinic().newcomer("Otto", "client")
    let page = try path("otto.txt")
    try otto.does("recovery", "kit", "--text", page)
    let text = try String(contentsOfFile: page, encoding: .utf8)
    let first = try #require(text.firstMatch(of: #/ 1\. (?<word>[a-z]+)/#)).word
    func drill(_ text: String, expecting exit: Int32) throws -> String {
      try otto.run("recovery", "drill", "--kit", "-", expecting: exit, input: text).err
    }
    let unknown = try drill(
      text.replacing(" 1. \(first)", with: " 1. qqqqq"), expecting: 1)
    #expect(unknown.contains("word 1 of the recovery kit is not on the list of words"))
    let other = first == "zoo" ? "abandon" : "zoo"
    let changed = try drill(
      text.replacing(" 1. \(first)", with: " 1. \(other)"), expecting: 1)
    #expect(changed.contains("the words of the recovery kit do not fit together"))
    let cut = try drill(text.replacing("satchel-kit-1-", with: "satchel-kit-1-A"), expecting: 2)
    #expect(cut.contains("this is not a whole kit code"))
    #expect(try drill("zoo zoo", expecting: 1).contains("the kit's code is missing"))
    let none = try otto.run("recovery", "drill", expecting: 2)
    #expect(none.err.contains("--kit FILE"))
    let noTerminal = try otto.run("recovery", "drill", "--code", "satchel-kit-1-x", expecting: 2)
    #expect(noTerminal.err.contains("no terminal"))
  }

  @Test func aPageIsNeverWrittenOverAFileOrToAPipe() throws {
    let pia = try clinic().newcomer("Pia", "client")
    let there = try clinic().stage.file("there.txt", "mine")
    let outcome = try pia.run("recovery", "kit", "--text", there, expecting: 1)
    #expect(outcome.err.contains("there is a file"))
    #expect(try String(contentsOfFile: there, encoding: .utf8) == "mine")
    // The first page goes where the second cannot be written.
    let page = try path("pia.txt")
    try pia.run("recovery", "kit", "--text", page, "--svg", there, expecting: 1)
    #expect(!FileManager.default.fileExists(atPath: page))
    let piped = try pia.run("recovery", "kit", expecting: 2)
    #expect(piped.err.contains("--text FILE or --svg FILE"))
    #expect(try pia.does("status").contains("no kit: make one"))
  }

  @Test func aSecondKitWaits() throws {
    let rosa = try clinic().newcomer("Rosa", "client")
    let pages = try ["rosa-1.txt", "rosa-2.txt"].map { try path($0) }
    try rosa.does("recovery", "kit", "--text", pages[0])
    let second = try rosa.run("recovery", "kit", "--text", pages[1], expecting: 0)
    #expect(second.err.contains("keep the one before it until then"))
    #expect(try rosa.does("status").contains("waits, and counts from"))
    let json = try rosa.does("status", "--json")
    #expect(json.contains("\"counts\": false") || json.contains("\"counts\":false"))
    let drilled = try rosa.run("recovery", "drill", "--kit", pages[1], expecting: 5)
    #expect(drilled.err.contains("does not count yet"))
    let early = try clinic().stage.person("early")
    let refused = try early.run("recovery", "restore", "--kit", pages[1], expecting: 5)
    #expect(refused.err.contains("does not count yet"))
    #expect(!early.hasHome)
    try rosa.does("recovery", "drill", "--kit", pages[0], "--json")
  }
}
