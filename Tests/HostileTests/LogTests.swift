import CommandSupport
import Merge
import Simulation
import SyncProtocol
import Testing

@testable import Replica

/// What a server can do to a space's log, and what the person reads.
@Suite struct LogTests {
  private let practice: Practice

  init() throws { practice = try Practice() }

  struct Attack: Sendable, CustomTestStringConvertible {
    let lie: Lie
    /// As `sync` warns.
    let said: String
    /// As `audit evidence ls` lists it.
    let kept: String

    var testDescription: String { lie.rawValue }
  }

  static let attacks = [
    page(.changedEntry, "journalSignature"), page(.droppedEntry, "journalGap"),
    page(.reorderedEntries, "journalGap"), page(.repeatedEntry, "journalGap"),
    page(.unsignedHead, "headSignature"), page(.unsignedEntry, "journalSignature"),
    page(.wronglySignedEntry, "journalSignature"), page(.replayedGrant, "journalGap"),
    page(.otherSpace, "wrongSpace"),
    Attack(
      lie: .keptStub, said: "the server accepted what it should not have",
      kept: "accepted: malformed"),
    Attack(
      lie: .inventedMember, said: "the server has no chain for something that it named",
      kept: "entry: names what is not there"),
    entry(.inventedDevice, "names what is not there"), entry(.saidEnd, "invalid"),
    Attack(
      lie: .rolledBack, said: "the server says that it has less of a space than it has shown",
      kept: "withheld: notFound"),
    Attack(
      lie: .notAllowed,
      said: "the server says that a space is not yours to read, and its log says that it is",
      kept: "withheld: notAllowed"),
  ]

  private static func page(_ lie: Lie, _ word: String) -> Attack {
    Attack(
      lie: lie, said: "a page of a log does not verify (\(word))", kept: "page: \(word)")
  }

  private static func entry(_ lie: Lie, _ word: String) -> Attack {
    Attack(
      lie: lie, said: "an entry of a log does not verify (\(word))", kept: "entry: \(word)")
  }

  @Test(arguments: attacks)
  func aLieAboutALog(_ attack: Attack) throws {
    let scene = try Scene(practice)
    let tablet = try practice.atTheProgram(scene.tablet)
    practice.liar.tell(attack.lie, to: scene.tablet, about: practice.casework)
    try tablet.syncsAndAccuses(attack.said)
    #expect(try tablet.evidence().contains(attack.kept))
    try scene.expectUntouched()
    try scene.expectHealed()
  }

  /// Into the vault, where only its owner writes: a file that is put in, a name that is exchanged.
  @Test(arguments: [
    (Lie.unsignedEntry, "journalSignature"), (.wronglySignedEntry, "journalSignature"),
    (.changedEntry, "journalSignature"), (.repeatedEntry, "journalGap"),
  ])
  func aLieAboutAVault(lie: Lie, word: String) throws {
    let (client, tablet) = (practice.world.client, practice.world.tablet)
    let vault = client.replica.vault
    let ticket = try client.makeTicket(in: practice.casework)
    let folder = client.newRecordID()
    try client.write(.create, "folder", folder, [.init("name", .text("folder"))], in: vault)
    try client.sync()
    let person = try practice.atTheProgram(tablet)
    practice.liar.tell(lie, to: tablet, about: vault)
    try person.syncsAndAccuses("a page of a log does not verify (\(word))")
    #expect(try person.evidence().contains("page: \(word)"))
    #expect(!(try person.does("vault", "ls").contains("folder")))
    // The casework goes on.
    #expect(try person.does("ticket", "show", ticket.hex).contains("title"))
    tablet.network.reset()
    try person.does("sync")
    #expect(try person.does("vault", "ls").contains("folder"))
  }
}
