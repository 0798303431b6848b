import Merge
import Simulation
import SyncProtocol
import Testing

@testable import Replica
@testable import SpaceStore

/// What a server says became of the own work.
@Suite struct LyingVerdictTests {
  private let scene: LieScene

  init() throws {
    scene = try LieScene()
    try scene.world.settle()
  }

  /// In the answer and in the log that the author is shown, while all others have the change.
  @Test func aRefusalWithoutReason() throws {
    let (tablet, client, casework) = (scene.tablet, scene.client, scene.casework)
    scene.server.tell(.refusedWithoutReason, to: tablet, about: casework)
    try tablet.write(
      .update, "ticket", scene.ticket, [.init("title", .text("own"))], in: casework)
    let report = try tablet.sync()
    #expect(report.sawDishonesty)
    #expect(
      report.problems.contains {
        $0.contains("the server refused a change of yours without reason")
      }, "\(report.problems)")
    let kinds = try tablet.evidenceKinds()
    #expect(kinds == ["refused without reason: notAllowed"])
    // Its author has it, and knows what the refusal is worth.
    let rejected = try tablet.replica.rejectedWrites()
    #expect(rejected.map(\.isUnfounded) == [true])
    let kept = try tablet.rejectedDrafts().flatMap(\.changes).flatMap(\.writes)
    #expect(kept.contains { $0.value == .text("own") })

    // All else goes on, the space too, until somebody writes who has seen the other history.
    let folder = client.newRecordID()
    try client.write(
      .create, "folder", folder, [.init("name", .text("later"))], in: client.replica.vault)
    try client.sync()
    try client.write(
      .update, "ticket", scene.ticket, [.init("title", .text("seen"))], in: casework)
    try client.sync()
    let second = try tablet.sync()
    #expect(second.problems.contains { $0.contains("different people different histories") })
    let isForked = try tablet.replica.isForked(casework)
    #expect(isForked)
    let hasFolder = try tablet.isShown("folder", folder, in: tablet.replica.vault)
    #expect(hasFolder)
  }

  @Test func anotherAnswerThanInTheLog() throws {
    let tablet = scene.tablet
    scene.server.tell(.otherVerdict, to: tablet, about: scene.casework)
    try scene.writeUnsent()
    let report = try tablet.sync()
    #expect(report.sawDishonesty)
    #expect(
      report.problems.contains {
        $0.contains("the server told you another verdict than stands in the log")
      }, "\(report.problems)")
    let kinds = try tablet.evidenceKinds()
    #expect(kinds == ["verdict other than in the log: notAllowed"])
    let rejected = try tablet.replica.rejectedWrites()
    #expect(rejected.isEmpty)
    try scene.expectHealed()
  }
}
