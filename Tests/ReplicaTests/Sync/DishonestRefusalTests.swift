import CBOR
import Merge
import Signing
import Simulation
import SyncProtocol
import Testing

@testable import Replica
@testable import SpaceStore

/// A server that refuses without reason is noticed by whoever can know, and by the author first.
@Suite struct DishonestRefusalTests {
  private let world: World
  private let liar: LyingServer
  private let ticket: RecordID
  private var casework: SpaceID { world.facts.casework }

  init() throws {
    world = try World(opening: ["client", "tablet", "practitioner"])
    liar = try LyingServer(world)
    ticket = try world.client.makeTicket(in: world.facts.casework)
    try world.settle()
  }

  /// The server signs a log in which the party's commits are refused.
  private func lie(
    to reader: Party, in space: SpaceID, about author: Party,
    _ reason: @escaping (UInt64) -> Refusal?
  ) {
    let replica = author.replica.identity.replica
    let liar = liar
    reader.network.forgePages(of: space) { page in
      let entries = page.entries.map { entry -> LogEntry in
        guard case .commit(let origin, let commit) = entry, origin.replica == replica,
          let refusal = reason(origin.sequence)
        else { return entry }
        return .refusal(origin, commit.withoutSealed, refusal)
      }
      return try liar.page(entries, tails: page.tails, to: reader, in: space)
    }
  }

  private static let openReasons: [Refusal.Code] = [
    .notMember, .notAllowed, .contextAhead, .recordUnknown, .gone, .ended, .clockAhead,
  ]

  @Test(arguments: openReasons)
  func aReasonThatTheLogDoesNotGive(code: Refusal.Code) throws {
    try world.client.write(
      .update, "ticket", ticket, [.init("severity", .text("major"))], in: casework)
    try world.client.sync()
    lie(to: world.tablet, in: casework, about: world.client) { _ in Refusal(code) }
    let before = try world.tablet.replica.store.state(casework).position
    let report = try world.tablet.sync()
    #expect(report.sawDishonesty)
    #expect(report.problems.count == 1)
    #expect(report.problems[0].contains("refused somebody's change without reason"))
    let kinds = try world.tablet.evidenceKinds()
    #expect(kinds == ["refused without reason: \(code)"])
    // The log is consistent: it goes on.
    #expect(try world.tablet.replica.store.state(casework).position > before)
    world.tablet.network.reset()
  }

  @Test func whatRestsOnSealedValuesIsBelievedByOthers() throws {
    try world.client.write(
      .update, "ticket", ticket, [.init("title", .text("new"))], in: casework)
    try world.client.sync()
    lie(to: world.tablet, in: casework, about: world.client) { _ in Refusal(.epochStale) }
    let report = try world.tablet.sync()
    #expect(!report.sawDishonesty)
    world.tablet.network.reset()
  }

  /// Its author has the whole commit, and knows that the key was in use.
  @Test(arguments: [Refusal.Code.epochStale, .valueInvalid, .malformed, .notAllowed])
  func theAuthorIsToldThatThereWasNoReason(code: Refusal.Code) throws {
    let tablet = world.tablet
    let written = try tablet.write(
      .update, "ticket", ticket, [.init("title", .text("new"))], in: casework)
    let number = try tablet.replica.store.number(of: casework)
    let entry = try #require(
      try tablet.replica.outboxEntry(space: number, sequence: written.origin.sequence))
    let refused = try forgedRefusal(of: entry, by: tablet, Refusal(code))
    // The push is lost on the way: the lie is read in the log.
    tablet.network.fault = { _, request in request.path == Path.push ? .loseRequest : .none }
    tablet.replica.lock()
    // Somebody else's work makes the log move.
    _ = try world.client.makeTicket(in: casework)
    try world.client.sync()
    let liar = liar
    let space = casework
    tablet.network.forgePages(of: space) { _ in
      try liar.page([refused.entry], tails: [refused.tail], to: tablet, in: space)
    }
    let report = try tablet.sync()
    #expect(report.sawDishonesty)
    #expect(report.problems.contains { $0.contains("refused a change of yours without reason") })
    try tablet.unlock()
    let rejected = try tablet.replica.rejectedWrites()
    if code == .epochStale {
      // It is written anew by itself.
      #expect(rejected.isEmpty)
      #expect(try tablet.unsentCount() == 1)
    } else {
      #expect(rejected.map(\.refusal.code) == [code])
      #expect(rejected.map(\.isUnfounded) == [true])
    }
    tablet.network.reset()
  }

  private func forgedRefusal(
    of entry: OutboxEntry, by author: Party, _ refusal: Refusal
  ) throws -> (entry: LogEntry, tail: LogPage.JournalTail) {
    let replica = author.replica.identity.replica
    let head = try author.replica.store.head(casework)
    let signature = JournalSignature(
      space: casework, replica: replica,
      point: JournalPoint(sequence: entry.sequence, hash: entry.hash),
      seen: SeenHeads(
        account: try author.replica.ownChain().head, incarnation: 0, position: head.position,
        head: head.hash, schema: .zero),
      key: try author.replica.unlockedKeys().identity())
    return (
      .refusal(
        Origin(replica: replica, sequence: entry.sequence), entry.encoded.withoutSealed, refusal),
      LogPage.JournalTail(replica: replica, contentHashes: [], signature: signature)
    )
  }

  @Test func aRefusalWithItsReasonIsNone() throws {
    let comment = try world.client.makeComment(on: ticket, in: casework)
    try world.settle()
    try world.client.write(.delete, "comment", comment, in: casework)
    try world.client.sync()
    try world.tablet.write(
      .update, "comment", comment, [.init("text", .text("late"))], in: casework)
    for party in [world.tablet, world.practitioner, world.client] {
      #expect(try !party.sync().sawDishonesty)
    }
    #expect(try world.tablet.replica.rejectedWrites().map(\.isUnfounded) == [false])
  }

  // MARK: Other verdicts than the log's

  /// The answer to a push says another verdict than the server has put into the log.
  private func answer(_ party: Party, _ other: PushVerdict) {
    party.network.alter = { request, response in
      guard request.path == Path.push, case .success(let bytes) = response else {
        return response
      }
      do {
        let honest = try PushResponse(decoding: bytes)
        return .success(
          PushResponse(verdicts: honest.verdicts.map { _ in other }, last: honest.last)
            .encoded)
      } catch {
        preconditionFailure("an answer cannot be forged: \(error)")
      }
    }
  }

  @Test func aNoThatTheLogDoesNotHave() throws {
    try world.tablet.write(
      .update, "ticket", ticket, [.init("severity", .text("major"))], in: casework)
    answer(world.tablet, .refused(Position(9), Refusal(.notAllowed)))
    let report = try world.tablet.sync()
    world.tablet.network.reset()
    #expect(report.sawDishonesty)
    let kinds = try world.tablet.evidenceKinds()
    #expect(kinds == ["verdict other than in the log: notAllowed"])
    // It was accepted: nothing is undone, nothing is left to write again.
    #expect(try world.tablet.replica.rejectedWrites().isEmpty)
    try world.settle()
    try world.expectConverged()
  }

  @Test func aYesThatTheLogDoesNotHave() throws {
    let comment = try world.client.makeComment(on: ticket, in: casework)
    try world.settle()
    try world.client.write(.delete, "comment", comment, in: casework)
    try world.client.sync()
    let written = try world.tablet.write(
      .update, "comment", comment, [.init("text", .text("late"))], in: casework)
    answer(world.tablet, .accepted(Position(9)))
    let report = try world.tablet.sync()
    world.tablet.network.reset()
    #expect(report.sawDishonesty)
    let kinds = try world.tablet.evidenceKinds()
    #expect(kinds == ["verdict other than in the log: gone"])
    #expect(try world.tablet.replica.rejectedWrites().map(\.refusal.code) == [.gone])
    try world.settle()
    try world.expectConverged()
    try world.expectAccounted([written])
  }

  // MARK: Held up

  /// The client widens what it allows, then revokes; both go in one push.
  private func decideTwice() throws -> SpaceID {
    let replica = world.client.replica
    let assignment = try replica.assignment(with: nil)
    let terms = ConsentTerms(permissions: [.viewFiles], untilMilliseconds: nil)
    try replica.decide("approved", on: assignment, terms: terms)
    try replica.decide("revoked", on: try replica.assignment(with: nil))
    try world.client.sync()
    return assignment.space
  }

  @Test func aRefusalForTheSakeOfARevocationThatFollowsIsBelieved() throws {
    let space = try decideTwice()
    let last = try world.client.replica.ownJournal(
      space: world.client.replica.store.number(of: space)
    ).sequence
    lie(to: world.practitioner, in: space, about: world.client) { sequence in
      sequence < last ? Refusal(.heldUpRestriction, ["objectMissing"]) : nil
    }
    try world.practitioner.sync()
    world.practitioner.network.reset()
    // The engagement's log, which is as it was, names the commit that is said to be refused.
    let kinds = try world.practitioner.evidenceKinds()
    #expect(!kinds.contains { $0.hasPrefix("refused") })
    #expect(try world.practitioner.replica.assignment(with: nil).state.status == .revoked)
  }

  @Test func aRefusalForTheSakeOfNothingIsNot() throws {
    try world.client.write(
      .update, "ticket", ticket, [.init("severity", .text("major"))], in: casework)
    try world.client.sync()
    lie(to: world.practitioner, in: casework, about: world.client) { _ in
      Refusal(.heldUpRestriction, ["objectMissing"])
    }
    let report = try world.practitioner.sync()
    world.practitioner.network.reset()
    #expect(report.sawDishonesty)
    let kinds = try world.practitioner.evidenceKinds()
    #expect(kinds == ["refused without reason: heldUpRestriction"])
    // Told once.
    let count = try world.practitioner.replica.database.first("SELECT COUNT(*) FROM held_up") {
      $0.integer(0)
    }
    #expect(count == 0)
  }
}
