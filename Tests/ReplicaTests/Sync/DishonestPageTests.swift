import CBOR
import Merge
import Signing
import Simulation
import SyncProtocol
import Testing

@testable import Replica
@testable import SpaceStore

/// Whatever the server shows that cannot be true is noticed, kept, and stops only its own space.
@Suite struct DishonestPageTests {
  @Test func aHeadThatIsNotSigned() throws {
    let scene = try LieScene()
    let stranger = SigningKey(random: SeededRandom(seed: 9))
    scene.tablet.network.forgePages(of: scene.casework) { page in
      LogPage(
        after: page.after, entries: page.entries, tails: page.tails,
        head: SignedLogHead(
          head: page.head.head, timeMilliseconds: page.head.timeMilliseconds, key: stranger),
        last: page.last)
    }
    try scene.expectFound("page: headSignature")
  }

  @Test func entriesInAnotherOrder() throws {
    let scene = try LieScene()
    scene.tablet.network.forgePages(of: scene.casework) { page in
      LogPage(
        after: page.after, entries: page.entries.reversed(), tails: page.tails,
        head: page.head, last: page.last)
    }
    try scene.expectFound("page: journalGap")
  }

  @Test func aDroppedEntry() throws {
    let scene = try LieScene()
    scene.tablet.network.forgePages(of: scene.casework) { page in
      LogPage(
        after: page.after, entries: page.entries.dropLast(), tails: page.tails,
        head: page.head, last: page.last)
    }
    try scene.expectFound("page: headMismatch")
  }

  /// The operator drops a commit and signs what is left.
  @Test func aDroppedCommitUnderASignedHead() throws {
    let scene = try LieScene()
    let first = { (entry: LogEntry) in entry.journalOrigin?.sequence == 1 }
    scene.tablet.network.forgePages(of: scene.casework) { page in
      try scene.server.page(
        page.entries.filter { !first($0) }, tails: page.tails, to: scene.tablet,
        in: scene.casework)
    }
    try scene.expectFound("page: journalGap")
  }

  /// The operator writes something else into a commit and signs the head.
  @Test func aChangedCommitUnderASignedHead() throws {
    let scene = try LieScene()
    scene.tablet.network.forgePages(of: scene.casework) { page in
      let entries = page.entries.map(Self.changed)
      return try scene.server.page(
        entries, tails: page.tails, to: scene.tablet, in: scene.casework)
    }
    try scene.expectFound("page: journalSignature")
  }

  private static func changed(_ entry: LogEntry) -> LogEntry {
    guard case .commit(let origin, let commit) = entry, let sealed = commit.sealed,
      sealed.count > 1
    else { return entry }
    return .commit(
      origin,
      EncodedCommit(
        header: commit.header, keys: commit.keys, open: commit.open,
        sealed: Array(sealed.dropLast()) + [sealed[sealed.count - 1] ^ 1]))
  }

  /// Of another space, or from another place.
  @Test func aPageOfAnotherPlace() throws {
    let scene = try LieScene()
    scene.tablet.network.forgePages(of: scene.casework) { page in
      LogPage(
        after: page.after.next, entries: page.entries, tails: page.tails, head: page.head,
        last: page.last)
    }
    try scene.expectFound("page: wrongPlace")
  }

  /// Author and server are of one mind, against the rules: a client deletes a ticket.
  @Test func aCommitThatShouldHaveBeenRefused() throws {
    let scene = try LieScene()
    let change = RecordChange(type: "ticket", record: scene.ticket, operation: .delete)
    let forged = try scene.server.commit(change, by: scene.world.client, in: scene.casework)
    scene.tablet.network.forgePages(of: scene.casework) { page in
      try scene.server.page(
        page.entries + [forged.entry], tails: [forged.tail] + page.tails, to: scene.tablet,
        in: scene.casework)
    }
    try scene.expectFound("accepted: notAllowed")
  }

  @Test func aSealedValueThatIsLeftOut() throws {
    let scene = try LieScene()
    let refusal = Refusal(.notAllowed)
    scene.tablet.network.forgePages(of: scene.casework) { page in
      let entries = page.entries.map { entry in
        guard case .commit(let origin, let commit) = entry else { return entry }
        return .refusal(origin, commit.withoutSealed, refusal)
      }
      // The head that it signed for everybody else.
      return LogPage(
        after: page.after, entries: entries, tails: page.tails, head: page.head, last: page.last)
    }
    try scene.expectFound("page: headMismatch")
  }

  /// A type that this build does not know is kept in the log, for a later build.
  @Test func aCommitOfALaterSchema() throws {
    let scene = try LieScene()
    let change = RecordChange(
      type: "mystery", record: scene.world.client.newRecordID(), operation: .create,
      writes: [FieldWrite(key: "what", value: .text("ever"))])
    let forged = try scene.server.commit(change, by: scene.world.client, in: scene.casework)
    scene.tablet.network.forgePages(of: scene.casework) { page in
      try scene.server.page(
        page.entries + [forged.entry], tails: [forged.tail] + page.tails, to: scene.tablet,
        in: scene.casework)
    }
    let report = try scene.tablet.sync()
    // The lie refers to the scene: it has to go for the scene to go.
    scene.tablet.network.reset()
    #expect(report.problems == [])
    let isShown = try scene.tablet.isShown("ticket", scene.ticket, in: scene.casework)
    #expect(isShown)
  }

  /// Each space is said to rest on another one, without an end.
  @Test func spacesThatRestOnOneAnother() throws {
    let scene = try LieScene()
    let (tablet, forger) = (scene.tablet, scene.server)
    var pulled = 0
    tablet.network.alter = { request, response in
      guard let space = request.pulledSpace, space != tablet.replica.vault else { return response }
      pulled += 1
      guard pulled < 200 else { return .failure(.serverFault) }
      do {
        let next = try #require(
          SpaceID((0..<SpaceID.byteCount).map { $0 == 0 ? UInt8(pulled) : 0xee }))
        let entry = LogEntry.authority(.consent(next, Position(1), .zero))
        return .success(try forger.page([entry], tails: [], to: tablet, in: space).encoded)
      } catch {
        preconditionFailure("a page cannot be forged: \(error)")
      }
    }
    let report = try tablet.sync()
    tablet.network.reset()
    #expect(!report.problems.isEmpty)
    #expect(pulled < 30)
  }
}

extension LieScene {
  /// The lie is found, and the vault comes in all the same; told the truth, all is well again.
  fileprivate func expectFound(
    _ kind: String, heals: Bool = true, _ location: SourceLocation = #_sourceLocation
  ) throws {
    let before = try tablet.replica.store.state(casework).stored
    let report = try tablet.sync()
    #expect(report.problems.count == 1, sourceLocation: location)
    let kinds = try tablet.evidenceKinds()
    #expect(kinds == [kind], sourceLocation: location)
    let after = try tablet.replica.store.state(casework).stored
    #expect(after == before, sourceLocation: location)
    let isShown = try tablet.isShown("ticket", ticket, in: casework)
    #expect(!isShown, sourceLocation: location)
    let hasFolder = try tablet.isShown("folder", folder, in: tablet.replica.vault)
    #expect(hasFolder, sourceLocation: location)
    guard heals else { return }
    tablet.network.reset()
    try world.settle()
    try world.expectConverged()
  }
}
