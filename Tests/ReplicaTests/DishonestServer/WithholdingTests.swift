import Foundation
import Merge
import Simulation
import SyncProtocol
import Testing

@testable import Replica
@testable import SpaceStore

/// What is left out: values in the name of compaction, and who was taken out.
@Suite struct WithholdingTests {
  private func expectEvidence(
    _ party: Party, _ kind: String, _ location: SourceLocation = #_sourceLocation
  ) throws {
    let evidence = try party.replica.keptEvidence().map(\.evidence)
    let kinds = evidence.map(\.kind)
    #expect(kinds.contains { $0.hasPrefix(kind) }, "\(kinds)", sourceLocation: location)
    let file = EvidenceFile(items: evidence)
    let copy = try EvidenceFile(decoding: file.encoded)
    #expect(copy == file, sourceLocation: location)
    #expect(
      copy.items.allSatisfy { $0.finding().weight != .nothing },
      "\(copy.items.map { $0.finding().explanation })", sourceLocation: location)
  }

  @Test func aStubOfWhatNothingHasOverwritten() throws {
    let scene = try LieScene()
    let (client, tablet, vault) = (scene.client, scene.tablet, scene.client.replica.vault)
    scene.server.tell(.uncoveredStub, to: tablet, about: vault)
    try scene.writeUnsent()
    let report = try tablet.sync()
    #expect(report.sawDishonesty)
    #expect(
      report.problems.contains {
        $0.contains("the server left out values that nothing has overwritten")
      }, "\(report.problems)")
    try expectEvidence(tablet, "values withheld from position")
    let incomplete = try tablet.replica.status().spaces.filter(\.isIncomplete).map(\.id)
    #expect(incomplete == [vault])
    // The casework goes on, both ways.
    let isShown = try tablet.isShown("ticket", scene.ticket, in: scene.casework)
    #expect(isShown)
    let unsent = try tablet.unsentCount()
    #expect(unsent == 0)
    // What was withheld comes with the next write over it.
    try client.write(
      .update, "folder", scene.folder, [.init("name", .text("again"))], in: vault)
    try client.sync()
    try scene.expectHealed()
    let left = try tablet.replica.status().spaces.filter(\.isIncomplete)
    #expect(left.isEmpty)
  }

  /// A version without its values takes nothing else from the vault.
  @Test func aStubOfAVersion() throws {
    let scene = try LieScene()
    let (client, tablet) = (scene.client, scene.tablet)
    let path = "\(scene.world.folder.path)/letter.txt"
    for content in ["first", "the second"] {
      try scene.world.settle()
      try Data(content.utf8).write(to: URL(filePath: path))
      #expect(try client.replica.addToVault([path]).problems.isEmpty)
    }
    try client.sync()
    scene.server.tell(.uncoveredStub, to: tablet, about: client.replica.vault)
    #expect(try tablet.sync().sawDishonesty)
    #expect(try tablet.replica.moveInVault("letter.txt", to: "moved.txt") == "moved.txt")
    let items = try tablet.replica.vaultListing().filter { $0.kind == .file }
    #expect(items.map(\.versionCount) == [1])
    #expect(items.map(\.byteCount) == [5])
  }

  /// The log names what was added to an account's chain, and the chain is shown as it was before.
  @Test func anAccountChainAsItWasBefore() throws {
    let scene = try LieScene()
    let (client, practitioner) = (scene.client, scene.world.practitioner)
    try scene.world.settle()
    scene.server.tell(.staleAccountChain, to: practitioner, about: scene.casework)
    try client.replica.revokeDevice(scene.tablet.replica.identity.device, client.network)
    try client.sync()
    let before = try practitioner.replica.store.head(scene.casework)
    let report = try practitioner.sync()
    #expect(report.sawDishonesty)
    #expect(
      report.problems.contains {
        $0.contains("an entry of a log does not verify (names what is not there)")
      }, "\(report.problems)")
    try expectEvidence(practitioner, "entry: names what is not there")
    let after = try practitioner.replica.store.head(scene.casework)
    #expect(after == before)
    practitioner.network.reset()
    try scene.world.settle(["client", "practitioner"])
    try scene.world.expectConverged(["client", "practitioner"])
  }

  /// Neither the log nor the chain says that a device was taken out. The next key does: it is wrapped
  /// for others than this log's members.
  @Test func aDeviceThatWasTakenOut() throws {
    let scene = try LieScene()
    let (client, practitioner) = (scene.client, scene.world.practitioner)
    try scene.world.settle()
    scene.server.tell(.hiddenRevocation, to: practitioner, about: scene.casework)
    try client.replica.revokeDevice(scene.tablet.replica.identity.device, client.network)
    try client.sync()
    let own = try practitioner.write(
      .update, "ticket", scene.ticket, [.init("title", .text("own"))], in: scene.casework)
    let report = try practitioner.sync()
    #expect(report.sawDishonesty)
    #expect(
      report.problems.contains {
        $0.contains("the new key is not wrapped for exactly the members")
      },
      "\(report.problems)")
    try expectEvidence(practitioner, "accepted: recipientsWrong")
    // Nothing goes out under the old key: unsent work waits for the truth.
    let unsent = try practitioner.unsentCount()
    #expect(unsent == 1)
    practitioner.network.reset()
    try scene.world.settle(["client", "practitioner"])
    try scene.world.expectConverged(["client", "practitioner"])
    try scene.world.expectAccounted([own])
    let title = try client.shownText("ticket", scene.ticket, "title", in: scene.casework)
    #expect(title == "own")
  }

  @Test func aMemberWhoWasTakenOut() throws {
    let names = ["admin", "client", "practitioner"]
    let world = try World(opening: names)
    let second = try world.joinTeam()
    let (client, casework) = (world.client, world.facts.casework)
    let server = try LyingServer(world)
    try world.settle(names)
    let ticket = try client.makeTicket(in: casework)
    try world.settle(names)
    server.tell(.hiddenRemoval, to: client, about: casework)
    try world.admin.replica.remove(second.account, from: world.facts.team, world.admin.network)
    try world.practitioner.sync()
    let own = try client.write(
      .update, "ticket", ticket, [.init("title", .text("own"))], in: casework)
    let report = try client.sync()
    #expect(report.sawDishonesty)
    #expect(
      report.problems.contains {
        $0.contains("the new key is not wrapped for exactly the members")
      },
      "\(report.problems)")
    try expectEvidence(client, "accepted: recipientsWrong")
    let unsent = try client.unsentCount()
    #expect(unsent == 1)
    client.network.reset()
    try world.settle(names)
    try world.expectConverged(names)
    try world.expectAccounted([own])
    let title = try world.practitioner.shownText("ticket", ticket, "title", in: casework)
    #expect(title == "own")
  }
}
