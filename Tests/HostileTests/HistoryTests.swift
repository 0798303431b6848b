import CommandSupport
import Merge
import Simulation
import SyncProtocol
import SyncServer
import Testing

@testable import Replica

/// More than one history, and less than there is.
@Suite struct HistoryTests {
  private let practice: Practice
  private var client: Party { practice.world.client }
  private var tablet: Party { practice.world.tablet }

  init() throws { practice = try Practice() }

  private func rename(_ party: Party, _ ticket: RecordID, _ title: String) throws {
    try party.write(
      .update, "ticket", ticket, [.init("title", .text(title))], in: practice.casework)
  }

  /// Two servers with the same keys: whoever comes from one to the other is not let in unnoticed.
  @Test func twoServersWithOneKey() throws {
    let ticket = try client.makeTicket(in: practice.casework)
    try practice.world.settle()
    let other = try practice.world.fork("fork")
    tablet.network.server = other
    try rename(tablet, ticket, "on the other")
    try rename(client, ticket, "on this one")
    practice.world.clock.advance(milliseconds: 2000)
    try tablet.sync()
    practice.world.clock.advance(milliseconds: 2000)
    try client.sync()
    tablet.network.server = practice.world.server
    try tablet.makeTicket(in: practice.casework)
    let person = try practice.atTheProgram(tablet)
    try person.syncsAndAccuses("the server has another history of a space than it has shown")
    #expect(try person.evidence().contains("fork: two heads"))
    #expect(try person.does("status").contains("forked"))
    tablet.network.server = nil
    try other.close()
  }

  /// A new device is shown the state of a copy that was set aside. Nothing tells it from the present one,
  /// until it has written there: then the two do not go together.
  @Test func anOldStateTowardsAFreshDevice() throws {
    let path = try practice.stage.file("letter.txt", "first")
    #expect(try client.replica.addToVault([path]).problems.isEmpty)
    let ticket = try client.makeTicket(in: practice.casework)
    let phone = try practice.world.enrolPhone()
    try practice.world.settle()
    let old = try practice.world.fork("old")
    let later = try practice.stage.file("letter.txt", "second")
    #expect(try client.replica.addToVault([later]).problems.isEmpty)
    try rename(client, ticket, "later")
    practice.world.clock.advance(milliseconds: 2000)
    try client.sync()
    phone.network.server = old
    try rename(phone, ticket, "on the old one")
    let person = try practice.atTheProgram(phone)
    try person.does("sync")
    #expect(try person.does("vault", "cat", "letter.txt") == "first")
    phone.network.server = practice.world.server
    let newest = try practice.stage.file("letter.txt", "third")
    #expect(try client.replica.addToVault([newest]).problems.isEmpty)
    try client.sync()
    try person.syncsAndAccuses("the server shows two histories of a space")
    // Where it had not written anything, the present state is simply there.
    #expect(try person.does("vault", "cat", "letter.txt") == "third")
    phone.network.server = nil
    try old.close()
  }

  @Test func aChangeThatIsRefusedForOneReaderOnly() throws {
    let ticket = try client.makeTicket(in: practice.casework)
    try practice.world.settle()
    let person = try practice.atTheProgram(tablet)
    practice.liar.tell(.refusedForOne, to: tablet, about: practice.casework)
    try rename(client, ticket, "hidden")
    try client.sync()
    try person.syncsAndAccuses("without reason")
    try rename(client, ticket, "after it")
    try client.sync()
    try person.syncsAndAccuses("the server shows different people different histories")
    #expect(try person.evidence().contains("fork: seen head"))
    #expect(try person.does("status").contains("forked"))
    #expect(try person.does("ticket", "show", ticket.hex).contains("title"))
  }

  @Test func valuesThatNothingHasOverwrittenAreLeftOut() throws {
    let vault = client.replica.vault
    let folder = client.newRecordID()
    try client.write(.create, "folder", folder, [.init("name", .text("folder"))], in: vault)
    try client.sync()
    let person = try practice.atTheProgram(tablet)
    practice.liar.tell(.uncoveredStub, to: tablet, about: vault)
    try person.syncsAndAccuses("the server left out values that nothing has overwritten")
    #expect(try person.evidence().contains("values withheld"))
    #expect(try person.does("status").contains("incomplete"))
  }

  /// The author of a change is told that it was refused, by log and answer, or by the answer alone.
  @Test(arguments: [
    (
      Lie.refusedWithoutReason, "the server refused a change of yours without reason",
      "refused without reason: notAllowed"
    ),
    (
      .otherVerdict, "the server told you another verdict than stands in the log",
      "verdict other than in the log: notAllowed"
    ),
  ])
  func aVerdictThatIsNotTrue(lie: Lie, said: String, kept: String) throws {
    let ticket = try client.makeTicket(in: practice.casework)
    try practice.world.settle()
    try rename(tablet, ticket, "own")
    let person = try practice.atTheProgram(tablet)
    practice.liar.tell(lie, to: tablet, about: practice.casework)
    let outcome = try person.run("sync", expecting: 5)
    #expect(
      outcome.err.contains("warning: ") && outcome.err.contains(said), "\(outcome.transcript)")
    #expect(try person.evidence().contains(kept))
    // The work is not lost.
    let text =
      lie == .otherVerdict
      ? try person.does("ticket", "show", ticket.hex)
      : try person.does("rejected", "show", "1")
    #expect(text.contains("own"), "\(text)")
  }

  /// Silence cannot be told from a slow network; nothing is lost by it.
  @Test func nothingNew() throws {
    let scene = try Scene(practice)
    let person = try practice.atTheProgram(tablet)
    practice.liar.tell(.frozen, to: tablet, about: practice.casework)
    let outcome = try person.run("sync", expecting: 0)
    #expect(outcome.out.contains("synced: 1 sent"))
    try scene.expectHealed()
  }

  /// A clock that stands still blocks what gives access, and not what takes it away.
  @Test func aClockThatStandsStill() throws {
    try client.sync()
    let frozen = practice.world.clock.now
    practice.world.clock.advance(milliseconds: 25 * 60 * 60 * 1000)
    client.network.alter = { request, response in
      guard request.path == Path.session, case .success(let bytes) = response else {
        return response
      }
      do {
        let grant = try SessionGrant(decoding: bytes)
        return .success(
          SessionGrant(
            token: grant.token, expiresMilliseconds: grant.expiresMilliseconds,
            timeMilliseconds: frozen
          ).encoded)
      } catch {
        preconditionFailure("an honest answer can be read: \(error)")
      }
    }
    let person = try practice.atTheProgram(client)
    let sync = try person.run(typed: ["sync"])
    #expect(sync.err.contains("warning: the server's clock stands still"), "\(sync.transcript)")
    let approve = try person.run("consent", "approve", expecting: 5)
    #expect(approve.err.contains("nothing is shared or approved until it goes on"))
    #expect(approve.err.contains("hint: revoking still works"))
    try person.does("consent", "revoke")
  }
}
