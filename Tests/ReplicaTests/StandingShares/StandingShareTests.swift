import Merge
import Simulation
import Testing

@testable import Replica

/// Folders and vaults that are shared, with what comes into them later.
struct StandingShareTests {
  private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  @Test func aFolderIsSharedWithWhatComesLater() throws {
    let pair = try SharesPair()
    try pair.add("one", "1", into: "docs")
    try pair.add("outside", "o")
    #expect(try pair.shareStanding("docs", [.downloadFiles]) == 1)
    try pair.sync()
    #expect(try pair.opened() == ["one"])
    // New files, in folders below too, and new versions follow at the write.
    let report = try pair.add("two", "2", into: "docs/deep")
    #expect(report.items.map(\.shareCount) == [1])
    try pair.add("one", "1 again", into: "docs")
    try pair.sync()
    #expect(try pair.opened() == ["one", "two"])
    #expect(try pair.practitioner.content(shared: "one") == Self.bytes("1 again"))
    #expect(try pair.practitioner.content(shared: "two") == Self.bytes("2"))
    #expect(try pair.client.sharesGiven().allSatisfy { $0.isStanding && $0.isSent })
  }

  @Test func anotherDeviceCarriesItOut() throws {
    let pair = try SharesPair()
    try pair.add("seed", "seed", into: "docs")
    try pair.client.removeFromVault("docs/seed")
    try pair.sync()
    let phone = try pair.world.device(of: pair.client)
    #expect(try pair.shareStanding("docs") == 0)
    // The phone does not know of the standing share when it adds the file.
    let report = try pair.add("scan", "s", into: "docs", by: phone)
    #expect(report.items.map(\.shareCount) == [0])
    try pair.world.sync(pair.client, phone, pair.practitioner)
    #expect(try pair.opened() == ["scan"])
  }

  @Test func aVersionThatKnewOfNoShareFollowsAtTheSync() throws {
    let pair = try SharesPair()
    try pair.add("f", "old")
    try pair.sync()
    let phone = try pair.world.device(of: pair.client)
    try pair.share("f")
    try pair.add("f", "new", by: phone)
    try pair.world.sync(pair.client, phone, pair.practitioner)
    #expect(try pair.practitioner.content(shared: "f") == Self.bytes("new"))
  }

  @Test func theWholeVaultIsSharedButForWhatIsTakenBack() throws {
    let pair = try SharesPair()
    try pair.add("a", "a")
    try pair.add("secret", "s", into: "private")
    try pair.shareStanding(nil)
    try pair.sync()
    #expect(try pair.opened() == ["a", "secret"])
    #expect(try pair.revoke("private").map(\.name) == ["secret"])
    try pair.add("later", "l", into: "private")
    try pair.add("b", "b")
    try pair.sync()
    #expect(try pair.opened() == ["a", "b"])
    // Shared again, all of it is.
    try pair.shareStanding(nil)
    try pair.sync()
    #expect(try pair.opened() == ["a", "b", "later", "secret"])
    #expect(try pair.client.revokeAll(from: pair.pia).count == 4)
    try pair.add("c", "c")
    try pair.sync()
    #expect(try pair.opened() == [])
    #expect(try pair.client.standingItems().isEmpty)
  }

  @Test func movingDecides() throws {
    let pair = try SharesPair()
    try pair.add("in", "i", into: "docs")
    try pair.add("out", "o", into: "other")
    try pair.shareStanding("docs")
    try pair.sync()
    try pair.move("docs/in", to: "other/")
    try pair.move("other/out", to: "docs/")
    #expect(try pair.client.sharesGiven().filter { $0.status == .active }.map(\.name) == ["out"])
    try pair.sync()
    #expect(try pair.opened() == ["out"])
    // A folder takes all that lies in it along, and back in.
    try pair.move("other", to: "docs/")
    try pair.sync()
    #expect(try pair.opened() == ["in", "out"])
    #expect(try pair.practitioner.content(shared: "in") == Self.bytes("i"))
    try pair.move("docs/other", to: "/")
    try pair.sync()
    #expect(try pair.opened() == ["out"])
  }

  @Test func whatAPersonTookBackStaysTakenBack() throws {
    let pair = try SharesPair()
    for name in ["a", "b"] { try pair.add(name, name, into: "docs") }
    try pair.shareStanding("docs")
    try pair.sync()
    try pair.revoke("docs/a")
    try pair.add("a", "changed", into: "docs")
    try pair.move("docs/a", to: "docs/renamed")
    try pair.sync()
    #expect(try pair.opened() == ["b"])
    // Said again after that, it holds for all.
    try pair.shareStanding("docs")
    try pair.sync()
    #expect(try pair.opened().count == 2)
  }

  @Test func whatIsSharedByItselfStaysAsItWasShared() throws {
    let pair = try SharesPair()
    for name in ["a", "b"] { try pair.add(name, name, into: "docs") }
    let until = pair.world.clock.now + 10_000_000
    try pair.share("docs/a", [.addNotes], until: until)
    try pair.shareStanding("docs", [.downloadFiles])
    let items = try pair.client.sharesGiven()
    #expect(items.map(\.permissions) == [[.addNotes, .viewFiles], [.downloadFiles, .viewFiles]])
    #expect(items.map(\.isStanding) == [false, true])
    try pair.revoke("docs")
    #expect(try pair.client.sharesGiven().allSatisfy { $0.status == .revoked })
  }

  @Test func theOneSharedByItselfIsTakenOverAtItsEnd() throws {
    let pair = try SharesPair()
    try pair.add("a", "a", into: "docs")
    let until = pair.world.clock.now + 10_000_000
    try pair.share("docs/a", until: until)
    try pair.shareStanding("docs", [.downloadFiles])
    try pair.sync()
    pair.world.clock.now = until + 1
    try pair.sync()
    let item = try pair.practitioner.share(named: "a")
    #expect(item.status == .active && item.permissions == [.downloadFiles, .viewFiles])
  }

  @Test func theClosestCounts() throws {
    let pair = try SharesPair()
    try pair.add("a", "a", into: "docs")
    try pair.add("b", "b", into: "docs/deep")
    try pair.shareStanding(nil, [.downloadFiles])
    let until = pair.world.clock.now + 10_000_000
    try pair.shareStanding("docs/deep", [.addNotes], until: until)
    let byName = { () throws -> [String: ShareItem] in
      Dictionary(uniqueKeysWithValues: try pair.client.sharesGiven().map { ($0.name, $0) })
    }
    #expect(try byName()["a"]?.permissions == [.downloadFiles, .viewFiles])
    #expect(try byName()["b"]?.permissions == [.addNotes, .viewFiles])
    #expect(try byName()["b"]?.untilMilliseconds == until)
    // After its end the one around it counts.
    pair.world.clock.now = until + 1
    try pair.sync()
    #expect(try byName()["b"]?.permissions == [.downloadFiles, .viewFiles])
    #expect(try byName()["b"]?.status == .active)
  }

  @Test(arguments: [Replica.defaultGraceMilliseconds, 0, 3_600_000])
  func whileActiveFollowsTheConsentAndItsGrace(grace: UInt64) throws {
    let start: UInt64 = 1_800_000_000_000
    let end = start + 10 * 24 * 3_600_000
    let pair = try SharesPair(untilMilliseconds: end)
    try pair.add("f", "f")
    try pair.shareStanding("f", grace: grace)
    try pair.sync()
    let share = try #require(try pair.client.shares(in: pair.engagement).first)
    #expect(share.untilMilliseconds == end + grace)
    #expect(try pair.opened() == ["f"])
    #expect(throws: ReplicaError.self) {
      try pair.shareStanding("f", grace: StandingShare.graceMillisecondsMax + 1)
    }
    // The consent is the limit all the same.
    pair.world.clock.now = end
    #expect(throws: AccessDenial.consentInactive(.expired)) {
      try pair.practitioner.content(shared: "f")
    }
    // A shorter consent shortens it.
    pair.world.clock.now = start + 3_600_000
    let terms = ConsentTerms(permissions: [.viewFiles], untilMilliseconds: start + 7_200_000)
    try pair.client.decide("approved", on: pair.client.assignment(with: nil), terms: terms)
    try pair.sync()
    let after = try #require(try pair.client.shares(in: pair.engagement).first)
    #expect(after.untilMilliseconds == start + 7_200_000 + grace)
    let item = try #require(try pair.client.standingItems().first)
    #expect(item.graceMilliseconds == grace)
  }

  @Test func deletingEndsItAll() throws {
    let pair = try SharesPair()
    try pair.add("a", "a", into: "docs")
    try pair.shareStanding("docs")
    try pair.sync()
    #expect(try pair.client.removeFromVault("docs", recursive: true).shareCount == 1)
    #expect(try pair.client.standingItems().isEmpty)
    try pair.sync()
    #expect(try pair.opened() == [])
  }

  @Test func reconsentBringsNothingBack() throws {
    let pair = try SharesPair()
    try pair.add("a", "a", into: "docs")
    try pair.add("b", "b")
    try pair.shareStanding("docs")
    try pair.share("b")
    try pair.sync()
    try pair.client.decide("revoked", on: pair.client.assignment(with: nil))
    try pair.sync()
    try pair.sync()
    #expect(try pair.client.standingItems().isEmpty)
    try pair.world.engage(pair.practitioner, pair.client)
    try pair.add("c", "c", into: "docs")
    try pair.sync()
    #expect(try pair.client.assignment(with: nil).state.status == .active)
    #expect(try pair.opened() == [])
    #expect(try VaultAddingTests.blobCount(pair.practitioner) == 0)
  }

  @Test func nothingOfItIsReadableAtTheServer() throws {
    let pair = try SharesPair()
    try pair.add("a", "a", into: "docs")
    try pair.shareStanding("docs", [.downloadFiles])
    let row = try pair.client.database.first(
      "SELECT engagement, folder, terms FROM standing_share"
    ) { (engagement: $0.blob(0), folder: $0.blob(1), terms: $0.blob(2)) }
    let sealed = try #require(row)
    let space = try pair.engagement.bytes
    #expect(!sealed.engagement.contains(space) && sealed.engagement.count > 16)
    #expect(sealed.folder.count > 16 && sealed.terms.count > 16)
  }

  @Test func needsAConsentThatAllowsIt() throws {
    let pair = try SharesPair(permissions: [.viewFiles])
    try pair.add("a", "a", into: "docs")
    #expect(throws: AccessDenial.permissionMissing(.downloadFiles)) {
      try pair.shareStanding("docs", [.downloadFiles])
    }
    #expect(throws: ReplicaError.notFound("nowhere")) { try pair.shareStanding("nowhere") }
    #expect(try pair.client.standingItems().isEmpty && pair.client.sharesGiven().isEmpty)
    #expect(throws: ReplicaError.self) { try pair.revoke("docs") }
    #expect(throws: ReplicaError.self) { try pair.client.revokeAll(from: pair.pia) }
  }
}
