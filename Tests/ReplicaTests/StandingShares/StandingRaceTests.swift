import Merge
import Simulation
import Testing

@testable import Replica

/// Two devices of the client that do not know of each other.
struct StandingRaceTests {
  private func active(_ replica: Replica) throws -> [String] {
    try replica.sharesGiven().filter { $0.status == .active }.map(\.name).sorted()
  }

  @Test func twoDevicesThatShareAtOnceComeToOneShare() throws {
    let pair = try SharesPair()
    try pair.add("f", "f", into: "docs")
    try pair.sync()
    let phone = try pair.world.device(of: pair.client)
    try pair.shareStanding("docs", [.downloadFiles])
    try pair.shareStanding("docs", [.downloadFiles], by: phone)
    for _ in 0..<3 { try pair.world.sync(pair.client, phone, pair.practitioner) }
    #expect(try active(pair.client) == ["f"] && active(phone) == ["f"])
    #expect(try pair.opened() == ["f"])
    #expect(try pair.practitioner.content(shared: "f") == Array("f".utf8))
    #expect(try pair.client.conflicts().isEmpty && phone.conflicts().isEmpty)
    // Both are ended with one word.
    try pair.revoke("docs")
    for _ in 0..<2 { try pair.world.sync(pair.client, phone, pair.practitioner) }
    #expect(try active(phone).isEmpty && pair.opened().isEmpty)
  }

  @Test func revokingBeatsAnAdditionElsewhere() throws {
    let pair = try SharesPair()
    try pair.add("f", "f", into: "docs")
    try pair.sync()
    let phone = try pair.world.device(of: pair.client)
    try pair.shareStanding("docs")
    try pair.world.sync(pair.client, phone)
    try pair.revoke("docs")
    try pair.add("g", "g", into: "docs", by: phone)
    try pair.add("f", "new", into: "docs", by: phone)
    for _ in 0..<2 { try pair.world.sync(phone, pair.client, pair.practitioner) }
    #expect(try active(pair.client).isEmpty && active(phone).isEmpty)
    #expect(try pair.opened().isEmpty)
    #expect(try phone.status().rejectedCount == 0)
  }

  /// Whichever of the two the other device sees first.
  @Test(arguments: [false, true])
  func aRevokedFileIsNotSharedAgainElsewhere(vaultFirst: Bool) throws {
    let pair = try SharesPair()
    try pair.add("f", "f", into: "docs")
    try pair.add("g", "g", into: "docs")
    try pair.sync()
    let phone = try pair.world.device(of: pair.client)
    try pair.shareStanding("docs")
    try pair.world.sync(pair.client, phone)
    try pair.revoke("docs/f")
    try pair.move("docs/g", to: "/")
    try pair.add("h", "h", into: "docs", by: phone)
    if vaultFirst {
      try pair.world.sync(phone, pair.client, phone)
    } else {
      try pair.world.sync(pair.client, phone, pair.client)
    }
    try pair.world.sync(pair.practitioner)
    #expect(try pair.opened() == ["h"])
    #expect(try active(phone) == ["h"])
  }

  @Test func movedOutHereAndChangedThere() throws {
    let pair = try SharesPair()
    try pair.add("f", "f", into: "docs")
    try pair.sync()
    let phone = try pair.world.device(of: pair.client)
    try pair.shareStanding("docs")
    try pair.world.sync(pair.client, phone)
    try pair.move("docs/f", to: "/")
    try pair.add("f", "changed", into: "docs", by: phone)
    for _ in 0..<2 { try pair.world.sync(phone, pair.client, pair.practitioner) }
    #expect(try pair.opened().isEmpty)
  }

  @Test func anUnpulledVaultEndsNothing() throws {
    let pair = try SharesPair()
    try pair.add("f", "f", into: "docs")
    try pair.shareStanding("docs")
    try pair.sync()
    let phone = try pair.world.device(of: pair.client)
    try pair.add("g", "g", into: "docs", by: phone)
    try pair.world.sync(phone)
    // The vault does not come.
    let vault = pair.client.vault
    pair.world.transport.tamper = { request, response in
      request.pulledSpace == vault ? .failure(.serverFault) : response
    }
    let report = try pair.client.sync(pair.world.transport)
    #expect(report.unpulled == [vault] && !report.problems.isEmpty)
    #expect(try active(pair.client) == ["f", "g"])
  }
}
