import Merge
import Simulation
import SyncProtocol
import Testing

@testable import Replica
@testable import SpaceStore

/// The client has written in casework and vault; somebody who has not seen it is lied to, and has unsent
/// work of their own.
final class LieScene {
  let world: World
  let server: LyingServer
  let ticket: RecordID
  let folder: RecordID
  private(set) var written: [Written] = []

  var casework: SpaceID { world.facts.casework }
  var tablet: Party { world.tablet }
  var client: Party { world.client }

  init() throws {
    world = try World(opening: ["client", "tablet", "practitioner"])
    server = try LyingServer(world)
    try world.settle()
    ticket = try world.client.makeTicket(in: world.facts.casework)
    _ = try world.client.makeTicket(in: world.facts.casework)
    folder = world.client.newRecordID()
    try world.client.write(
      .create, "folder", folder, [.init("name", .text("folder"))],
      in: world.client.replica.vault)
    try world.client.sync()
  }

  func writeUnsent() throws {
    let record = tablet.newRecordID()
    written.append(
      try tablet.write(
        .create, "ticket", record, [.init("kind", .text("bug")), .init("title", .text("own"))],
        in: casework))
  }

  /// The lie is found, said and kept; nothing of it is shown; the vault comes in all the same.
  ///
  /// - Returns: the evidence.
  func expectFound(
    _ kind: String, says message: String, _ location: SourceLocation = #_sourceLocation
  ) throws -> [Evidence] {
    try writeUnsent()
    let before = try tablet.replica.store.head(casework)
    let report = try tablet.sync()
    #expect(report.sawDishonesty, sourceLocation: location)
    #expect(
      report.problems.contains { $0.contains(message) }, "\(report.problems)",
      sourceLocation: location)
    let after = try tablet.replica.store.head(casework)
    #expect(after == before, sourceLocation: location)
    let isShown = try tablet.isShown("ticket", ticket, in: casework)
    #expect(!isShown, sourceLocation: location)
    let hasFolder = try tablet.isShown("folder", folder, in: tablet.replica.vault)
    #expect(hasFolder, sourceLocation: location)
    let evidence = try tablet.replica.keptEvidence().map(\.evidence)
    #expect(
      evidence.contains { $0.kind.hasPrefix(kind) && $0.space == casework },
      "\(evidence.map(\.kind))", sourceLocation: location)
    let file = EvidenceFile(items: evidence)
    let copy = try EvidenceFile(decoding: file.encoded)
    #expect(copy == file, sourceLocation: location)
    #expect(
      copy.items.allSatisfy { $0.finding().weight != .nothing },
      "\(copy.items.map { $0.finding().explanation })", sourceLocation: location)
    return evidence
  }

  /// Told the truth again, everything comes in and everything goes out.
  func expectHealed(_ location: SourceLocation = #_sourceLocation) throws {
    tablet.network.reset()
    try world.settle()
    try world.expectConverged()
    try world.expectAccounted(written, location)
  }
}
