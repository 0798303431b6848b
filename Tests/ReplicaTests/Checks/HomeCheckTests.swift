import Database
import Foundation
import Merge
import Simulation
import SyncProtocol
import Testing

@testable import Replica
@testable import SpaceStore

/// A check names what is damaged, and a repair puts right what something else still tells.
@Suite struct HomeCheckTests {
  private func check(
    _ party: Party, repairs: Bool = false, offline: Bool = false
  ) throws -> CheckReport {
    party.close()
    try party.openForCheck()
    return try party.replica.check(offline ? nil : party.network, repairs: repairs)
  }

  @Test func aHomeIsWell() throws {
    let world = try World.withCasework().world
    for name in world.parties.keys.sorted() {
      let report = try check(world[name])
      #expect(report.problems == [], "\(name)")
      for part in CheckReport.Part.allCases where part != .outbox && part != .blobs {
        if part == .wraps && name != "client" { continue }
        #expect(report.counts[part] ?? 0 > 0, "\(name): \(part)")
      }
    }
    let report = try check(world.client)
    #expect(report.counts[.outbox] == 2)
    #expect(report.counts[.blobs] == 1)
  }

  @Test(arguments: HomeDamage.all)
  func damageIsFoundAndRepaired(damage: HomeDamage) throws {
    let (world, written) = try World.withCasework()
    let client = world.client
    let unsent = try client.unsent().map(\.0)
    try damage.doIt(client, world)
    let found = try check(client)
    #expect(found.problems.contains { $0.part == damage.part }, "\(found.problems)")
    let repaired = try check(client, repairs: true)
    #expect(repaired.problems == [])
    #expect(!repaired.repairs.isEmpty)
    #expect(try client.unsent().map(\.0) == unsent)
    try client.reopen()
    try world.settle()
    #expect(try check(client).problems == [])
    try client.reopen()
    try world.expectConverged()
    try world.expectAccounted(written)
    #expect(try client.replica.vaultListing(nil, recursive: true).map(\.path) == ["letter.txt"])
  }

  /// What nothing else tells is said, and left alone.
  @Test func whatIsNowhereElseIsSaidAndLeft() throws {
    let world = try World.withCasework().world
    let client = world.client
    try HomeDamage.alter(client, "outbox", "body", "accepted IS NULL")
    let before = try client.replica.database.rows("SELECT body FROM outbox ORDER BY hash") {
      $0.blob(0)
    }
    let report = try check(client, repairs: true)
    #expect(report.problems.contains { $0.part == .outbox && $0.remedy == .none })
    let after = try client.replica.database.rows("SELECT body FROM outbox ORDER BY hash") {
      $0.blob(0)
    }
    #expect(after == before)
  }

  @Test func anUnsentCommitWithoutANumberIsSaid() throws {
    let world = try World.withCasework().world
    try world.client.replica.database.execute("UPDATE outbox SET sequence = -sequence")
    let report = try check(world.client, repairs: true)
    #expect(report.problems.contains { $0.part == .outbox && $0.remedy == .none })
    try world.client.replica.database.execute("UPDATE outbox SET sequence = -sequence")
    #expect(try check(world.client).problems == [])
  }

  /// What is not here and can be fetched is no damage.
  @Test func aBlobThatIsNotHereIsNoted() throws {
    let world = try World.withCasework().world
    let blobs = world.client.replica.blobs
    let name = try #require(try blobs.names().first)
    try blobs.remove(name)
    let report = try check(world.client)
    #expect(report.problems == [])
    #expect(report.notes.contains { $0.contains("have not been fetched yet: 1") })
    try world.client.reopen()
    try world.client.sync()
    #expect(try world.client.replica.blobs.names() == [name])
  }

  @Test func aKeyThatDoesNotOpenIsNamed() throws {
    let world = try World(opening: ["client"])
    try HomeDamage.alter(world.client, "key_ring", "sealed", "name LIKE 'epoch/%'")
    let report = try check(world.client, offline: true)
    #expect(report.problems.map(\.part) == [.keys])
    #expect(report.problems.allSatisfy { $0.what.contains("epoch/") })
  }

  @Test func withoutAServerOnlyWhatIsHereIsRepaired() throws {
    let world = try World.withCasework().world
    try world.client.replica.database.execute("DELETE FROM ticket")
    try HomeDamage.alter(world.client, "chain_statement", "statement", "number = 1")
    let report = try check(world.client, repairs: true, offline: true)
    #expect(Set(report.problems.map(\.part)).contains(.chains))
    let again = try check(world.client, repairs: true)
    #expect(again.problems == [])
  }

  /// A server whose rows are not what its log says has another digest.
  @Test func anotherDigestIsEvidence() throws {
    let world = try World.withCasework().world
    try world.withServerStore { try $0.database.execute("UPDATE ticket SET kind = 'other'") }
    let report = try check(world.client)
    #expect(report.problems.map(\.part) == [.digests])
    #expect(try world.client.evidenceKinds() == ["digest"])
  }

  /// Repairing must not become a way to take in another history.
  @Test func anotherLogIsNotTakenIn() throws {
    let world = try World.withCasework().world
    let (client, casework) = (world.client, world.facts.casework)
    let number = try client.replica.store.number(of: casework)
    let last = try client.replica.store.state(casework).position
    try client.replica.database.execute(
      """
      UPDATE space SET head = zeroblob(32) WHERE number = \(number);
      UPDATE log SET entry = zeroblob(9) WHERE space = \(number) AND position = 2
      """)
    let report = try check(client, repairs: true)
    #expect(report.problems.contains { $0.space == casework })
    #expect(try client.evidenceKinds() == ["refetch"])
    let count = try client.replica.database.first(
      "SELECT COUNT(*) FROM log WHERE space = ?", .integer(number)
    ) { UInt64($0.integer(0)) }
    #expect(count == last.rawValue)
  }
}

extension Party {
  /// As the command does: without looking at the rows first.
  func openForCheck() throws {
    adopt(
      opened: try Replica.open(
        Home.open(at: homePath), environment: environment, tidies: false))
    try unlock()
  }
}
