import Merge
import Simulation
import SyncProtocol
import Testing

@testable import Replica

/// A restored device is shown what others are shown; a person finds out by hand.
@Suite struct FreshnessTests {
  private func restored(_ world: World) throws -> Party {
    let kit = try world.client.makeKit()
    let restored = try world.restore(kit)
    try restored.sync()
    return restored
  }

  private func fingerprint(_ party: Party, of account: AccountID) throws -> HeadFingerprint {
    try party.replica.headFingerprint(of: account, party.network)
  }

  @Test func aPersonComparesWithAnotherDeviceOrPerson() throws {
    let world = try World(opening: ["client", "tablet", "practitioner"])
    let restored = try restored(world)
    let account = restored.account
    let own = try fingerprint(restored, of: account)
    // Neither has synced since.
    #expect(try fingerprint(world.tablet, of: account).bytes == own.bytes)
    #expect(try fingerprint(world.practitioner, of: account).bytes == own.bytes)
    #expect(try fingerprint(restored, of: world.practitioner.account).bytes != own.bytes)
    #expect(try restored.replica.isFreshnessUnproven())
    try restored.replica.confirmFreshness(own)
    #expect(try !restored.replica.isFreshnessUnproven())
    #expect(try restored.sync().warnings == [])
    #expect(try restored.replica.auditEntries().contains { $0.action == "confirm" })
    #expect(throws: ReplicaError.self) { try restored.replica.confirmFreshness(own) }
  }

  @Test func anOlderHistoryHasOtherWords() throws {
    let world = try World(opening: ["client", "tablet"])
    let before = try fingerprint(world.client, of: world.client.account)
    let restored = try restored(world)
    #expect(try fingerprint(restored, of: restored.account).bytes != before.bytes)
    #expect(throws: ReplicaError.self) { try restored.replica.confirmFreshness(before) }
    #expect(try restored.replica.isFreshnessUnproven())
  }

  @Test func whoIsAloneSaysSo() throws {
    let world = try World(opening: ["client"])
    let restored = try restored(world)
    #expect(try restored.sync().warnings.contains { $0.contains("satchel device confirm") })
    try restored.replica.confirmFreshness(nil)
    #expect(try restored.sync().warnings == [])
  }

  @Test func aLockedHomeConfirmsNothing() throws {
    let world = try World(opening: ["client"])
    let restored = try restored(world)
    restored.replica.lock()
    #expect(throws: ReplicaError.locked) { try restored.replica.confirmFreshness(nil) }
    #expect(try restored.replica.isFreshnessUnproven())
  }
}
