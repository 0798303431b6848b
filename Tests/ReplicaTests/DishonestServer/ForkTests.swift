import Merge
import Signing
import Simulation
import SyncProtocol
import Testing

@testable import Replica
@testable import SpaceStore

/// Two histories, each signed as well as the other: found as soon as something of one reaches the other.
@Suite struct ForkTests {
  private func edit(_ party: Party, _ scene: LieScene, _ title: String) throws {
    try party.write(
      .update, "ticket", scene.ticket, [.init("title", .text(title))], in: scene.casework)
  }

  private func expectForked(_ party: Party, _ scene: LieScene, _ kind: String) throws {
    let isForked = try party.replica.isForked(scene.casework)
    #expect(isForked)
    let status = try party.replica.status()
    #expect(status.spaces.filter(\.isForked).map(\.id) == [scene.casework])
    let evidence = try party.replica.keptEvidence().map(\.evidence)
    let found = evidence.filter { $0.kind == kind }
    #expect(!found.isEmpty, "\(evidence.map(\.kind))")
    #expect(found.allSatisfy { $0.finding().weight == .proof })
  }

  /// One reader is shown as refused what all others are shown as accepted.
  @Test func aChangeThatIsRefusedForOneReaderOnly() throws {
    let scene = try LieScene()
    let (tablet, client) = (scene.tablet, scene.client)
    try scene.world.settle()
    scene.server.tell(.refusedForOne, to: tablet, about: scene.casework)
    try edit(client, scene, "hidden")
    try client.sync()
    let first = try tablet.sync()
    // There is no reason for the refusal; that others see another history shows later.
    #expect(first.problems.contains { $0.contains("without reason") })

    try edit(client, scene, "after it")
    try client.sync()
    try scene.writeUnsent()
    let second = try tablet.sync()
    #expect(second.sawDishonesty)
    #expect(second.problems.contains { $0.contains("different people different histories") })
    try expectForked(tablet, scene, "fork: seen head")
    let title = try tablet.shownText("ticket", scene.ticket, "title", in: scene.casework)
    #expect(title == "title")

    // Unsent work stays, and other spaces go on.
    try scene.writeUnsent()
    let folder = client.newRecordID()
    try client.write(
      .create, "folder", folder, [.init("name", .text("later"))], in: client.replica.vault)
    try client.sync()
    try tablet.sync()
    let unsent = try tablet.unsentCount()
    #expect(unsent >= 1)
    let hasFolder = try tablet.isShown("folder", folder, in: tablet.replica.vault)
    #expect(hasFolder)
  }

  /// Two servers with the same keys: whoever comes from one to the other is not let in unnoticed.
  @Test func twoServersWithOneKey() throws {
    let scene = try LieScene()
    let (tablet, client) = (scene.tablet, scene.client)
    try scene.world.settle()
    let other = try scene.world.fork("fork")
    tablet.network.server = other
    try edit(tablet, scene, "on the other")
    try edit(client, scene, "on this one")
    // Both logs grow by the time and one change.
    scene.world.clock.advance(milliseconds: 2000)
    try tablet.sync()
    scene.world.clock.advance(milliseconds: 2000)
    try client.sync()
    tablet.network.server = scene.world.server
    try scene.writeUnsent()
    let report = try tablet.sync()
    #expect(report.sawDishonesty)
    #expect(
      report.problems.contains {
        $0.contains("the server has another history of a space than it has shown")
      })
    try expectForked(tablet, scene, "fork: two heads")
    let unsent = try tablet.unsentCount()
    #expect(unsent == 1)
    // The other side was never shown anything wrong.
    let isForked = try client.replica.isForked(scene.casework)
    #expect(!isForked)
    tablet.network.server = nil
    try other.close()
  }

  /// Pages may end before what their authors had seen: it is compared when the log gets there.
  @Test func whatWasSeenLaterIsComparedLater() throws {
    let scene = try LieScene()
    let (tablet, client) = (scene.tablet, scene.client)
    try scene.world.settle()
    let casework = scene.casework
    var isFirst = true
    var waitingCount: Int64?
    try edit(client, scene, "1")
    try client.sync()
    try edit(scene.world.practitioner, scene, "between")
    try scene.world.practitioner.sync()
    try client.sync()
    try edit(client, scene, "2")
    try client.sync()
    tablet.network.forgePages(of: casework) { [unowned tablet, server = scene.server] page in
      if !isFirst {
        waitingCount = try tablet.replica.database.first("SELECT COUNT(*) FROM seen_ahead") {
          $0.integer(0)
        }
      }
      guard isFirst, let place = page.entries.firstIndex(where: { $0.commit != nil }),
        let author = page.entries[place].journalOrigin?.replica,
        let tail = page.tails.first(where: { $0.replica == author }),
        let last = page.entries.last?.commit
      else { return page }
      isFirst = false
      // The first change under the signature of the second.
      let forged = try server.page(
        Array(page.entries[...place]),
        tails: [
          LogPage.JournalTail(
            replica: tail.replica, contentHashes: [last.contentHash], signature: tail.signature)
        ], to: tablet, in: casework)
      return LogPage(
        after: forged.after, entries: forged.entries, tails: forged.tails, head: forged.head,
        last: page.last)
    }
    let connection = Connection(tablet.network)
    try connection.openSession(
      tablet.replica.identity, scope: .full, key: tablet.replica.unlockedKeys().identity(),
      onTime: { _ in })
    let waiting = {
      try tablet.replica.database.first("SELECT COUNT(*) FROM seen_ahead") { $0.integer(0) }
    }
    var report = SyncReport()
    try tablet.replica.pull(casework, connection, &report)
    #expect(!isFirst)
    #expect(waitingCount == 1)
    let left = try waiting()
    #expect(left == 0)
    let title = try tablet.shownText("ticket", scene.ticket, "title", in: casework)
    #expect(title == "2")
    let kinds = try tablet.evidenceKinds()
    #expect(kinds == [])
  }

  /// A member that claims more statements of its account than there are stops nobody. (Of the log the
  /// server does not take such a claim in.)
  @Test func aMemberWhoClaimsTooMuch() throws {
    let scene = try LieScene()
    let (tablet, client, casework) = (scene.tablet, scene.client, scene.casework)
    try scene.world.settle()
    let head = try client.replica.store.head(casework)
    let account = try client.replica.ownChain().head
    let claimed = SeenHeads(
      account: ChainPoint(index: account.index + 1, hash: .zero), incarnation: 0,
      position: head.position, head: head.hash, schema: .zero)
    let change = RecordChange(
      type: "ticket", record: scene.ticket, operation: .update,
      writes: [FieldWrite(key: "severity", value: .text("major"))])
    let replica = client.replica.identity.replica
    let before = try client.replica.store.journalPoint(casework, replica)
    let forged = try scene.server.commit(change, by: client, in: casework, seen: claimed)
    let commit = try #require(forged.entry.commit)
    let segment = JournalSegment(
      replica: replica, after: before, commits: [commit], signature: forged.tail.signature)
    var report = SyncReport()
    let connection = try client.replica.connect(client.network, &report)
    let answer = try connection.call(
      Path.push, PushRequest(space: casework, items: [.segment(segment)]), PushResponse.self)
    #expect(answer.verdicts.allSatisfy { if case .accepted = $0 { true } else { false } })

    let practitioner = scene.world.practitioner
    for title in ["1", "2", "3"] {
      try edit(practitioner, scene, title)
      scene.world.clock.advance(milliseconds: 2000)
      try practitioner.sync()
      let report = try tablet.sync()
      #expect(report.problems == [])
    }
    let isForked = try tablet.replica.isForked(casework)
    #expect(!isForked)
    // What is known of it is kept, and stops nothing.
    let kinds = try tablet.evidenceKinds()
    #expect(kinds == ["withheld: account chain"])
    let title = try tablet.shownText("ticket", scene.ticket, "title", in: casework)
    #expect(title == "3")
  }

  /// Homes of earlier builds did not keep the rolling hash of each entry: it is worked out again.
  @Test func headsOfAnEarlierHome() throws {
    let scene = try LieScene()
    try scene.world.settle()
    let heads = {
      try scene.tablet.replica.database.rows(
        "SELECT hex(head) FROM log ORDER BY space, position"
      ) { $0.optionalText(0) ?? "" }
    }
    let before = try heads()
    try scene.tablet.replica.database.execute("UPDATE log SET head = NULL")
    try scene.tablet.replica.database.execute("DELETE FROM setting WHERE name = 'heads_kept'")
    try scene.tablet.reopen()
    let after = try heads()
    #expect(after == before)
    #expect(!before.contains(""))
  }
}
