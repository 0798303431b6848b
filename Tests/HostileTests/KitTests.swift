import CommandSupport
import Foundation
import Simulation
import SyncProtocol
import Synchronization
import Testing

@testable import Replica

/// Recovery kits that were used, or replaced; and a thief with an unlocked device against one.
@Suite struct KitTests {
  private static let day: UInt64 = 24 * 60 * 60 * 1000
  private static let replaced =
    "error: this recovery kit was used, or another one has taken its place"

  private let practice: Practice

  init() throws { practice = try Practice() }

  private func page(_ name: String) -> String {
    practice.stage.folder.appending(path: "\(name).txt").path
  }

  @discardableResult
  private func restore(
    _ page: String, as new: (party: Party, person: Person), _ more: [String] = [],
    expecting exit: Int32, _ location: SourceLocation = #_sourceLocation
  ) throws -> Outcome {
    let url = try practice.line(of: new.party).url
    return try new.person.run(
      typed: ["recovery", "restore", "--kit", page, "--server", url] + more
    ).expect(exit, by: new.party.name, location)
  }

  private func devices(_ person: Person) throws -> [Substring] {
    try person.does("device", "ls").split(separator: "\n").dropFirst()
      .filter { !$0.contains("recovery kit") }
  }

  private func device(_ person: Person, _ word: String) throws -> String {
    let lines = try person.does("device", "ls").split(separator: "\n")
    return String(try #require(lines.first { $0.contains(word) }).prefix(12))
  }

  /// Also where the server shows who has found it the account as it was before.
  @Test func aKitThatWasUsed() throws {
    let owner = try practice.atTheProgram(practice.world.client)
    let kit = page("kit")
    try owner.does("recovery", "kit", "--text", kit)
    let finder = try practice.newcomer("finder")
    let earlier = Mutex<[String: Response]>([:])
    finder.party.network.alter = { request, response in
      if request.path == Path.chains { earlier.withLock { $0[request.path] = response } }
      return response
    }
    let url = try practice.line(of: finder.party).url
    try finder.person.does("recovery", "drill", "--kit", kit, "--server", url)
    let back = try practice.newcomer("back")
    let restored = try restore(kit, as: back, expecting: 0)
    #expect(restored.out.contains("is back; the recovery kit is used up"))
    #expect(restored.err.contains("the account has no recovery kit now"))
    let count = try devices(back.person).count
    finder.party.network.reset()
    let again = try restore(kit, as: finder, expecting: 5)
    #expect(again.err.contains(Self.replaced))
    #expect(!finder.person.hasHome)
    finder.party.network.alter = { request, response in
      earlier.withLock { $0[request.path] } ?? response
    }
    let shownOld = try finder.person.run(
      typed: ["recovery", "restore", "--kit", kit, "--server", url])
    #expect(shownOld.exit == 3, "\(shownOld.transcript)")
    #expect(shownOld.err.contains("error: this device was taken out of the account"))
    try back.person.does("sync")
    #expect(try devices(back.person).count == count)
  }

  @Test func aKitThatWasReplaced() throws {
    let owner = try practice.atTheProgram(practice.world.client)
    let (first, second) = (page("first"), page("second"))
    try owner.does("recovery", "kit", "--text", first)
    let made = try owner.run("recovery", "kit", "--text", second, expecting: 0)
    #expect(made.err.contains("keep the one before it until then"))
    let finder = try practice.newcomer("finder")
    let early = try restore(second, as: finder, expecting: 5)
    #expect(early.err.contains("error: this recovery kit does not count yet"))
    practice.world.clock.advance(milliseconds: 8 * Self.day)
    try owner.does("sync")
    let late = try restore(first, as: finder, expecting: 5)
    #expect(late.err.contains(Self.replaced))
    #expect(late.err.contains("hint: use the newest kit, or a device that the account still has"))
    #expect(!finder.person.hasHome)
    #expect(try devices(owner).count == 2)
    try owner.does("recovery", "drill", "--kit", second)
  }

  /// The thief knows the tablet's password, and does all that a device can do.
  @Test func aStolenUnlockedDevice() throws {
    let file = try practice.stage.file("letter.txt", "words")
    #expect(try practice.world.client.replica.addToVault([file]).problems.isEmpty)
    try practice.world.settle()
    let owner = try practice.atTheProgram(practice.world.client)
    let (kit, theirs, next) = (page("kit"), page("theirs"), page("next"))
    try owner.does("recovery", "kit", "--text", kit)
    let thief = try practice.atTheProgram(practice.world.tablet)
    try thief.does("sync")
    let drawer = try device(thief, "recovery kit")
    let refused = try thief.run("device", "revoke", drawer, "--yes", expecting: 1)
    #expect(refused.err.contains("the recovery kit goes when a new one takes its place"))
    let made = try thief.run("recovery", "kit", "--text", theirs, expecting: 0)
    #expect(made.err.contains("it counts from"))
    for line in try devices(thief) where !line.contains("this one") {
      try thief.does("device", "revoke", String(line.prefix(12)), "--yes")
    }
    let told = try owner.run("sync", expecting: 3)
    #expect(told.err.contains("this device was taken out of its account"))
    // The kit in the drawer brings the account back, and outranks the thief.
    let back = try practice.newcomer("back")
    try restore(kit, as: back, ["--text", next], expecting: 0)
    #expect(try back.person.does("vault", "cat", "letter.txt") == "words")
    try thief.does("sync")
    let own = try device(back.person, "this one")
    let outranked = try thief.run("device", "revoke", own, "--yes", expecting: 1)
    #expect(outranked.err.contains("that came with a recovery kit"))
    let void = try restore(theirs, as: practice.newcomer("other"), expecting: 5)
    #expect(void.err.contains(Self.replaced))
    for line in try devices(back.person)
    where !line.contains("this one") && !line.contains("taken out") {
      try back.person.does("device", "revoke", String(line.prefix(12)), "--yes")
    }
    let out = try thief.run("sync", expecting: 3)
    #expect(out.err.contains("this device was taken out of its account"))
    try back.person.does("sync")
    try back.person.does("recovery", "drill", "--kit", next)
  }

  /// After the restore, and before the next kit: the thief cannot climb after it with a first one.
  @Test func aStolenDeviceAfterTheRestore() throws {
    let owner = try practice.atTheProgram(practice.world.client)
    let (kit, theirs) = (page("kit"), page("theirs"))
    try owner.does("recovery", "kit", "--text", kit)
    let back = try practice.newcomer("back")
    try restore(kit, as: back, expecting: 0)
    let thief = try practice.atTheProgram(practice.world.tablet)
    try thief.does("sync")
    let refused = try thief.run("recovery", "kit", "--text", theirs, expecting: 1)
    #expect(refused.err.contains("a device that came with it makes the next one"))
    #expect(!FileManager.default.fileExists(atPath: theirs))
    try back.person.does("recovery", "kit", "--text", page("next"))
    try back.person.does("recovery", "drill", "--kit", page("next"))
  }
}
