import CommandSupport
import Merge
import Simulation
import SyncProtocol
import Testing

@testable import Replica
@testable import SpaceStore

/// Who was taken out and comes back; who is told that they were, and were not.
@Suite struct RemovalTests {
  private let practice: Practice
  private var client: Party { practice.world.client }
  private var reader: Party { practice.world.practitioner }

  init() throws { practice = try Practice() }

  /// A barred device dates what it writes before its removal.
  @Test func aBackDatedWriteOfABarredDevice() throws {
    let tablet = practice.world.tablet
    let ticket = try client.makeTicket(in: practice.casework, title: "before")
    try practice.world.settle()
    try client.replica.revokeDevice(tablet.replica.identity.device, client.network)
    try practice.world.settle(["client", "practitioner"])
    let change = RecordChange(
      type: "ticket", record: ticket, operation: .update,
      writes: [FieldWrite(key: "severity", value: .text("critical"))])
    // Its clock and its place in the log are those of before: the tablet has not synced since.
    #expect(throws: ReplicaError.server(.deviceRevoked)) { try tablet.session(practice) }
    try practice.accept(change, by: tablet, in: practice.casework, before: reader)
    try client.makeTicket(in: practice.casework)
    try client.sync()
    let practitioner = try practice.atTheProgram(reader)
    try practitioner.syncsAndAccuses("the server accepted what it should not have")
    #expect(try practitioner.evidence().contains("accepted: deviceBarred"))
    #expect(!(try practitioner.does("ticket", "show", ticket.hex).contains("critical")))
  }

  /// “Your device was taken out”, by the server's word alone.
  @Test func aPurgeOnTheServersWord() throws {
    let path = try practice.stage.file("letter.txt", "words")
    #expect(try practice.world.tablet.replica.addToVault([path]).problems.isEmpty)
    try practice.world.settle()
    let tablet = try practice.atTheProgram(practice.world.tablet)
    practice.liar.tell(.saidRevoked, to: practice.world.tablet, about: practice.casework)
    let outcome = try tablet.run("sync", expecting: 5)
    #expect(
      outcome.err.contains(
        "error: the server says that this device was taken out, and does not show which device"))
    #expect(outcome.err.contains("hint: tell the people you work with"))
    #expect(try tablet.evidence().contains("said to be taken out"))
    #expect(!outcome.out.contains("removed from this device"))
    #expect(try tablet.does("vault", "cat", "letter.txt") == "words")
    practice.world.tablet.network.reset()
    try tablet.does("sync")
  }

  /// “You left the engagement”, in whatever words.
  @Test(arguments: [Lie.notAllowed, .rolledBack, .saidEnd, .frozen, .keptStub])
  func theEndOfASpaceOnTheServersWord(lie: Lie) throws {
    let path = try practice.stage.file("letter.txt", "words")
    #expect(try client.replica.addToVault([path]).problems.isEmpty)
    try client.replica.share(
      "letter.txt", with: reader.account, untilMilliseconds: nil, permissions: [])
    try practice.world.settle()
    try client.replica.share(
      "letter.txt", with: reader.account, untilMilliseconds: nil, permissions: [.addNotes])
    try client.sync()
    let practitioner = try practice.atTheProgram(reader)
    practice.liar.tell(lie, to: reader, about: practice.engagement)
    let outcome = try practitioner.run("sync", expecting: lie == .frozen ? 0 : 5)
    #expect(!outcome.out.contains("removed from this device"))
    #expect(try practitioner.does("shared", "cat", "letter.txt") == "words")
  }

  /// A revocation that is shown as a refused one, or without its values.
  @Test(arguments: [
    (
      Lie.refusedForOne, "the server shows different people different histories",
      "fork: seen head"
    ),
    (.keptStub, "the server accepted what it should not have", "accepted: malformed"),
    (.droppedEntry, "a page of a log does not verify (journalGap)", "page: journalGap"),
  ])
  func aHiddenRevocation(lie: Lie, said: String, kept: String) throws {
    let path = try practice.stage.file("letter.txt", "words")
    #expect(try client.replica.addToVault([path]).problems.isEmpty)
    try client.replica.share(
      "letter.txt", with: reader.account, untilMilliseconds: nil, permissions: [])
    try practice.world.settle()
    try client.replica.revoke("letter.txt", from: reader.account)
    try client.sync()
    // Something after it: what is left out at the very end is no more than silence.
    try client.replica.share(
      "letter.txt", with: reader.account, untilMilliseconds: nil, permissions: [.addNotes])
    try client.replica.revoke("letter.txt", from: reader.account)
    try client.sync()
    let practitioner = try practice.atTheProgram(reader)
    practice.liar.tell(lie, to: reader, about: practice.engagement)
    try practitioner.syncsAndAccuses(said)
    #expect(try practitioner.evidence().contains(kept))
    reader.network.reset()
  }

  /// What was revoked is granted again with the old, well-signed grant.
  @Test func aReplayedGrant() throws {
    let path = try practice.stage.file("letter.txt", "words")
    #expect(try client.replica.addToVault([path]).problems.isEmpty)
    try client.replica.share(
      "letter.txt", with: reader.account, untilMilliseconds: nil, permissions: [])
    try practice.world.settle()
    try client.replica.revoke("letter.txt", from: reader.account)
    try practice.world.settle()
    try client.replica.share(
      "letter.txt", with: practice.world.practitioner.account, untilMilliseconds: nil,
      permissions: [.addNotes])
    try client.sync()
    let practitioner = try practice.atTheProgram(reader)
    practice.liar.tell(.replayedGrant, to: reader, about: practice.engagement)
    try practitioner.syncsAndAccuses("a page of a log does not verify (journalGap)")
    let shown = try practitioner.run("shared", "cat", "letter.txt", expecting: 3)
    #expect(shown.out.isEmpty && shown.err.contains("error: the client has revoked this share"))
  }
}
