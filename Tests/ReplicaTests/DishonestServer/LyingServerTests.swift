import Foundation
import Merge
import Simulation
import SyncProtocol
import Testing

@testable import Replica
@testable import SpaceStore

/// Each lie, told as well as a server can: what the device says of it, that the rest goes on, that the
/// evidence is kept and can be handed on, that nothing of the lie is shown, and no unsent work is lost.
@Suite struct LyingServerTests {
  /// A lie about one space that is noticed at once.
  struct Case: Sendable, CustomTestStringConvertible {
    let lie: Lie
    let kind: String
    let message: String
    let weight: EvidenceFinding.Weight

    var testDescription: String { lie.rawValue }
  }

  static let cases: [Case] = [
    page(.changedEntry, "journalSignature", .proof), page(.droppedEntry, "journalGap"),
    page(.reorderedEntries, "journalGap"), page(.repeatedEntry, "journalGap"),
    page(.unsignedHead, "headSignature"), page(.unsignedEntry, "journalSignature", .proof),
    page(.wronglySignedEntry, "journalSignature", .proof), page(.replayedGrant, "journalGap"),
    page(.otherSpace, "wrongSpace"),
    Case(
      lie: .keptStub, kind: "accepted: malformed",
      message: "the server accepted what it should not have", weight: .indication),
    Case(
      lie: .inventedMember, kind: "entry: names what is not there",
      message: "the server has no chain for something that it named", weight: .indication),
    entry(.inventedDevice, "names what is not there"), entry(.saidEnd, "invalid"),
    Case(
      lie: .rolledBack, kind: "withheld: notFound",
      message: "the server says that it has less of a space than it has shown",
      weight: .indication),
    Case(
      lie: .notAllowed, kind: "withheld: notAllowed",
      message: "the server says that a space is not yours to read, and its log says that it is",
      weight: .indication),
  ]

  private static func page(
    _ lie: Lie, _ error: String, _ weight: EvidenceFinding.Weight = .indication
  ) -> Case {
    Case(
      lie: lie, kind: "page: \(error)", message: "a page of a log does not verify (\(error))",
      weight: weight)
  }

  private static func entry(_ lie: Lie, _ word: String) -> Case {
    Case(
      lie: lie, kind: "entry: \(word)", message: "an entry of a log does not verify (\(word))",
      weight: .indication)
  }

  @Test(arguments: cases)
  func aLieAboutOneSpaceIsFoundAtOnce(_ lie: Case) throws {
    let scene = try LieScene()
    scene.server.tell(lie.lie, to: scene.tablet, about: scene.casework)
    let evidence = try scene.expectFound(lie.kind, says: lie.message)
    let weights = evidence.filter { $0.kind.hasPrefix(lie.kind) }.map { $0.finding().weight }
    #expect(weights.contains(lie.weight))
    let isLeft = try scene.tablet.replica.hasLeft(scene.casework)
    #expect(!isLeft)
    try scene.expectHealed()
  }

  @Test func bytesWithoutASense() throws {
    let scene = try LieScene()
    scene.server.tell(.unreadable, to: scene.tablet, about: scene.casework)
    let report = try scene.tablet.sync()
    #expect(report.problems.contains { $0.contains("the server's answer cannot be read") })
    let kinds = try scene.tablet.evidenceKinds()
    #expect(kinds.count == 1 && kinds.allSatisfy { $0.hasPrefix("answer to /v1/pull") })
    try scene.expectHealed()
  }

  /// Nothing tells silence from a slow network; what was there stays there, and unsent work goes out.
  @Test func nothingNew() throws {
    let scene = try LieScene()
    scene.server.tell(.frozen, to: scene.tablet, about: scene.casework)
    try scene.writeUnsent()
    let report = try scene.tablet.sync()
    #expect(!report.sawDishonesty)
    let isShown = try scene.tablet.isShown("ticket", scene.ticket, in: scene.casework)
    #expect(!isShown)
    try scene.expectHealed()
  }

  @Test(arguments: [Lie.shorterChain, .otherChain, .forgedStatement])
  func aLieAboutChains(_ lie: Lie) throws {
    let scene = try LieScene()
    let practitioner = scene.world.practitioner
    scene.server.tell(lie, to: practitioner, about: scene.casework)
    let report = try practitioner.sync()
    #expect(report.sawDishonesty)
    let evidence = try practitioner.replica.keptEvidence().map(\.evidence)
    #expect(evidence.allSatisfy { $0.kind.hasPrefix("chain: ") } && !evidence.isEmpty)
    // A statement that is not signed by its author proves nothing of two histories.
    let expected: EvidenceFinding.Weight = lie == .forgedStatement ? .indication : .proof
    #expect(evidence.allSatisfy { $0.finding().weight == expected })
    let isShown = try practitioner.isShown("ticket", scene.ticket, in: scene.casework)
    #expect(isShown)
    practitioner.network.reset()
    try scene.world.settle()
    try scene.world.expectConverged()
  }

  /// Neither a wrap nor a blob is taken for another one; told the truth, the file is there.
  @Test(arguments: [Lie.swappedWraps, .swappedBlobs])
  func swappedObjects(_ lie: Lie) throws {
    let scene = try LieScene()
    let (client, tablet) = (scene.client, scene.tablet)
    try scene.world.settle()
    let path = "\(scene.world.folder.path)/letter.txt"
    try Data("words".utf8).write(to: URL(filePath: path))
    _ = try client.replica.addToVault([path], into: nil)
    try client.sync()
    scene.server.tell(lie, to: tablet, about: tablet.replica.vault)
    let report = try tablet.sync()
    #expect(report.sawDishonesty)
    let message =
      lie == .swappedWraps
      ? "a wrap is not what its name says" : "the server's copy of a file is not what its name says"
    #expect(report.problems.contains { $0.contains(message) }, "\(report.problems)")
    let kinds = try tablet.evidenceKinds()
    #expect(kinds == (lie == .swappedWraps ? ["swapped wrap"] : ["swapped blob"]))
    tablet.network.reset()
    try tablet.sync()
    let listing = try tablet.replica.vaultListing(nil, recursive: true)
    #expect(listing.contains { $0.path == "letter.txt" })
    var content: [UInt8] = []
    try tablet.replica.readFromVault("letter.txt") { content += Array($0) }
    #expect(content == Array("words".utf8))
  }

  /// “You left”, in whatever words: nothing is purged but on what its author has signed.
  @Test(arguments: [Lie.notAllowed, .rolledBack, .saidEnd, .frozen, .refusedForOne])
  func nobodyLeavesOnTheServersWord(_ lie: Lie) throws {
    let world = try World(opening: ["client", "practitioner"])
    let server = try LyingServer(world)
    let (practitioner, engagement) = (world.practitioner, world.facts.engagement)
    try world.settle()
    try practitioner.makeAccessRequest(in: engagement, reason: "why")
    try practitioner.sync()
    try practitioner.makeAccessRequest(in: engagement, reason: "why else")
    server.tell(lie, to: practitioner, about: engagement)
    for _ in 0..<2 {
      world.clock.advance(milliseconds: 10_000)
      let report = try practitioner.sync()
      #expect(report.left.isEmpty)
    }
    let hasLeft = try practitioner.replica.hasLeft(engagement)
    #expect(!hasLeft)
    let state = try practitioner.replica.store.state(engagement)
    #expect(state.ended == nil && state.currentEpoch != nil)
    let number = try practitioner.replica.store.number(of: engagement)
    let rows = try practitioner.replica.database.first(
      "SELECT COUNT(*) FROM access_request WHERE space = ?", .integer(number)
    ) { $0.integer(0) }
    #expect((rows ?? 0) >= 1)
  }

  /// Many lies of one kind cost a bounded place; what was kept first stays.
  @Test func aServerThatGoesOnLyingDoesNotFillTheDisk() throws {
    let scene = try LieScene()
    scene.server.tell(.changedEntry, to: scene.tablet, about: scene.casework)
    for _ in 0..<12 {
      // Something new in each: nothing is kept twice anyway.
      _ = try scene.client.makeTicket(in: scene.casework)
      try scene.client.sync()
      try scene.tablet.sync()
    }
    let evidence = try scene.tablet.replica.keptEvidence()
    #expect(evidence.count == 8)
    #expect(evidence.first?.number == 1)
    let leftOutCount = try scene.tablet.replica.evidenceLeftOutCount()
    #expect(leftOutCount == 4)
  }
}
