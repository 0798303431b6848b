import Merge
import Simulation
import Testing

@testable import Replica

/// Asking for access, and the answers.
struct AccessRequestTests {
  private func ask(_ pair: SharesPair, _ name: String? = nil) throws -> AccessRequest {
    pair.world.clock.now += 1000
    try pair.practitioner.requestAccess(
      to: pair.client.identity.account, name: name, reason: "follow-up on Monday")
    try pair.world.sync(pair.practitioner, pair.client)
    return try pair.client.accessRequest(nil)
  }

  private func states(_ replica: Replica) throws -> [AccessRequest.State] {
    try replica.accessRequests().map(\.state)
  }

  @Test func nothingIsAskedWithoutAReason() throws {
    let pair = try SharesPair()
    for reason in ["", " \n"] {
      #expect(throws: ReplicaError.badInput("a request needs a reason")) {
        try pair.practitioner.requestAccess(to: pair.client.identity.account, reason: reason)
      }
    }
    #expect(try pair.practitioner.accessRequests().isEmpty)
  }

  @Test func approvingSharesForAWeek() throws {
    let pair = try SharesPair()
    try pair.add("scan.txt", "s", into: "docs")
    pair.world.clock.now += 1000
    try pair.practitioner.requestAccess(
      to: pair.client.identity.account, name: "scan.txt", reason: "follow-up on Monday")
    try pair.world.sync(pair.practitioner)
    let report = try pair.client.sync(pair.world.transport)
    #expect(report.news == ["Pia (unverified) asks for access: satchel requests"])
    let request = try pair.client.accessRequest(nil)
    #expect(request.reason == "follow-up on Monday" && request.name == "scan.txt")
    let now = pair.world.clock.now
    let items = try pair.client.approve(request).files
    #expect(items.map(\.untilMilliseconds) == [now + 7 * 24 * 3_600_000])
    #expect(items.map(\.request) == [request.id] && items.map(\.permissions) == [[.viewFiles]])
    try pair.world.sync(pair.client)
    let answer = try pair.practitioner.sync(pair.world.transport)
    #expect(answer.news == ["Cleo (unverified) has approved your request"])
    #expect(try pair.opened() == ["scan.txt"])
    #expect(try states(pair.practitioner) == [.approved] && states(pair.client) == [.approved])
    // Later it is over, without anybody doing anything.
    pair.world.clock.now = now + 7 * 24 * 3_600_000
    #expect(try pair.opened() == [])
    #expect(throws: ReplicaError.self) { try pair.client.approve(request) }
  }

  @Test func denyingSaysWhy() throws {
    let pair = try SharesPair()
    let request = try ask(pair)
    try pair.client.deny(request, message: "ask my sister")
    try pair.sync()
    let seen = try #require(try pair.practitioner.accessRequests().first)
    #expect(seen.state == .denied && seen.message == "ask my sister" && seen.isSent)
    #expect(throws: ReplicaError.notFound("open request")) { try pair.client.accessRequest(nil) }
    #expect(try pair.client.sharesGiven().isEmpty)
  }

  @Test func whoAskedTakesItBack() throws {
    let pair = try SharesPair()
    _ = try ask(pair)
    try pair.practitioner.withdraw(pair.practitioner.accessRequest(nil))
    try pair.world.sync(pair.practitioner, pair.client)
    #expect(try states(pair.client) == [.withdrawn])
    #expect(throws: ReplicaError.self) {
      try pair.client.withdraw(try #require(try pair.client.accessRequests().first))
    }
  }

  @Test func theClientSaysWhichFileWhereTheNameDoesNot() throws {
    let pair = try SharesPair()
    try pair.add("a.txt", "a", into: "one")
    try pair.add("a.txt", "b", into: "two")
    let request = try ask(pair, "a.txt")
    #expect(throws: ReplicaError.self) { try pair.client.approve(request) }
    #expect(try states(pair.client) == [.requested])
    #expect(try pair.client.approve(request, paths: ["two/a.txt"]).files.count == 1)
    try pair.sync()
    #expect(try pair.practitioner.content(shared: "a.txt") == Array("b".utf8))
  }

  @Test func aRevokedShareIsAskedForByItsName() throws {
    let pair = try SharesPair()
    try pair.add("f", "f", into: "docs")
    try pair.share("docs/f")
    try pair.sync()
    try pair.revoke("docs/f")
    try pair.move("docs/f", to: "docs/renamed")
    try pair.sync()
    let request = try ask(pair, "f")
    #expect(request.file != nil)
    try pair.client.approve(request, permissions: [.addNotes])
    try pair.sync()
    #expect(try pair.opened() == ["renamed"])
  }

  @Test func anAnswerTakesNothingAway() throws {
    let pair = try SharesPair()
    try pair.add("f", "f")
    try pair.share("f", [.downloadFiles])
    try pair.sync()
    let item = try #require(try pair.client.approve(ask(pair, "f")).files.first)
    #expect(item.untilMilliseconds == nil && item.permissions == [.downloadFiles, .viewFiles])
  }

  /// Requirement A7: who is not let in any more may still ask, and learns what stands in the way.
  @Test func anExpiredConsentCanStillBeAsked() throws {
    let end = UInt64(1_800_000_000_000) + 10_000_000
    let pair = try SharesPair(untilMilliseconds: end)
    try pair.add("f", "f")
    try pair.sync()
    pair.world.clock.now = end + 1000
    let request = try ask(pair, "f")
    #expect(throws: AccessDenial.consentInactive(.expired)) { try pair.client.approve(request) }
    #expect(try states(pair.client) == [.requested])
    try pair.client.deny(request)
    try pair.sync()
    #expect(try states(pair.practitioner) == [.denied])
    #expect(try pair.practitioner.status().rejectedCount == 0)
  }

  @Test func anEndedEngagementSaysWhatIsMissing() throws {
    let pair = try SharesPair()
    try pair.client.decide("revoked", on: pair.client.assignment(with: nil))
    try pair.sync()
    let error = try #require(throws: ReplicaError.self) { _ = try ask(pair) }
    #expect(error.explanation.contains("has ended"))
    let stranger = try pair.world.join(.client, "Dora")
    try pair.world.sync(pair.practitioner)
    #expect(throws: ReplicaError.self) {
      try pair.practitioner.requestAccess(to: stranger.identity.account, reason: "why not")
    }
  }

  @Test func aFolderIsApprovedWithWhatComesIntoIt() throws {
    let pair = try SharesPair()
    try pair.add("a", "a", into: "docs")
    try pair.add("b", "b", into: "other")
    let request = try ask(pair, "docs")
    let now = pair.world.clock.now
    let approved = try pair.client.approve(request, permissions: [.downloadFiles])
    let until = now + Replica.approvedMilliseconds
    #expect(
      approved.folders
        == [ApprovedAccess.Folder(path: "docs", fileCount: 1, untilMilliseconds: until)])
    #expect(approved.files.isEmpty)
    try pair.add("later", "c", into: "docs")
    try pair.sync()
    #expect(try pair.opened() == ["a", "later"])
    #expect(try states(pair.practitioner) == [.approved])
    // A week, and no longer.
    pair.world.clock.now = until
    #expect(try pair.opened() == [])
  }

  @Test func filesAndFoldersAreApprovedTogether() throws {
    let pair = try SharesPair()
    try pair.add("a", "a", into: "docs")
    try pair.add("b", "b", into: "other")
    let approved = try pair.client.approve(ask(pair), paths: ["docs", "other/b"])
    #expect(approved.folders.map(\.path) == ["docs"] && approved.files.map(\.name) == ["b"])
    try pair.sync()
    #expect(try pair.opened() == ["a", "b"])
    #expect(throws: ReplicaError.self) { try pair.client.approve(ask(pair), paths: ["/"]) }
  }

  @Test func anAnswerTakesNothingAwayFromAFolder() throws {
    let pair = try SharesPair()
    try pair.add("a", "a", into: "docs")
    try pair.shareStanding("docs", [.downloadFiles])
    try pair.sync()
    let approved = try pair.client.approve(ask(pair, "docs"), permissions: [.addNotes])
    #expect(approved.folders.map(\.untilMilliseconds) == [nil])
    let item = try #require(try pair.client.standingItems().first)
    #expect(item.permissions.contains(.downloadFiles) && item.permissions.contains(.addNotes))
  }

  /// Two devices of the client: one approves a folder, the other denies.
  @Test func aNoBeatsAYesForAFolder() throws {
    let pair = try SharesPair()
    try pair.add("f", "f", into: "docs")
    try pair.sync()
    let phone = try pair.world.device(of: pair.client)
    let request = try ask(pair, "docs")
    try pair.world.sync(phone)
    #expect(try pair.client.approve(request).folders.count == 1)
    pair.world.clock.now += 1000
    try phone.deny(phone.accessRequest(nil), message: "no")
    for _ in 0..<3 { try pair.world.sync(pair.client, phone, pair.practitioner) }
    #expect(try states(pair.practitioner) == [.denied])
    #expect(try pair.opened() == [])
    #expect(try pair.client.standingItems().isEmpty)
  }

  /// Two devices of the client: one says yes, the other no.
  @Test func aNoBeatsAYes() throws {
    let pair = try SharesPair()
    try pair.add("f", "f")
    try pair.sync()
    let phone = try pair.world.device(of: pair.client)
    let request = try ask(pair, "f")
    try pair.world.sync(phone)
    try pair.client.approve(request)
    pair.world.clock.now += 1000
    try phone.deny(phone.accessRequest(nil), message: "no")
    for _ in 0..<2 { try pair.world.sync(pair.client, phone, pair.practitioner) }
    #expect(try states(pair.practitioner) == [.denied])
    #expect(try pair.opened() == [])
    #expect(try pair.client.sharesGiven().map(\.status) == [.revoked])
  }

  @Test func everyStepIsInTheAudit() throws {
    let pair = try SharesPair()
    try pair.add("f", "f")
    try pair.client.approve(ask(pair, "f"))
    try pair.client.deny(ask(pair, "f"))
    #expect(try pair.practitioner.auditEntries().map(\.action) == ["request", "request"])
    #expect(try pair.client.auditEntries().map(\.action) == ["share", "approve", "deny"])
  }
}
