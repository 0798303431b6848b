import Foundation
import Merge
import Sealing
import Signing
import Simulation
import SyncProtocol
import Testing

@testable import Replica
@testable import SpaceStore

/// A client's deposit, from the devices' side.
@Suite struct EmergencyTests {
  private static let reason = "The client lies unconscious in intensive care."
  private static let hour: UInt64 = 3_600_000

  private func world() throws -> World {
    let world = try World()
    try world.admin.replica.nameEmergencyTeam(world.facts.team, world.admin.network)
    try world.settle()
    return world
  }

  private func addFile(_ world: World, _ name: String, _ content: String) throws {
    let path = "\(world.folder.path)/\(name)"
    try Data(content.utf8).write(to: URL(fileURLWithPath: path))
    _ = try world.client.replica.addToVault([path])
    try world.client.sync()
  }

  private func deposit(_ world: World) throws {
    try world.client.replica.turnOnEmergencyDeposit()
    try world.client.sync()
    try world.practitioner.sync()
  }

  @discardableResult
  private func open(_ world: World, hours: Int = 24) throws -> EmergencyDeposit {
    try world.practitioner.replica.openEmergency(
      of: world.client.account, kind: "medical", reason: Self.reason, hours: hours,
      world.practitioner.network)
  }

  private func phases(_ party: Party) throws -> [EmergencyDeposit.Phase] {
    try party.replica.emergencyDeposits().map(\.phase).sorted { $0.rawValue < $1.rawValue }
  }

  private func paths(_ world: World) throws -> [String] {
    let vault = try world.practitioner.replica.emergencyVault(
      of: world.client.account, world.practitioner.network)
    let tree = try vault.tree()
    return tree.descendants(of: nil).map { tree.path(of: $0.id) }
  }

  @Test func theTeamReadsTheVaultTogetherWithTheServer() throws {
    let world = try world()
    try addFile(world, "allergies.txt", "penicillin")
    try deposit(world)
    try open(world)
    #expect(try paths(world) == ["allergies.txt"])
    let target = "\(world.folder.path)/out"
    let vault = try world.practitioner.replica.emergencyVault(
      of: world.client.account, world.practitioner.network)
    let report = try vault.get(["allergies.txt"], to: target)
    #expect(report.problems.isEmpty)
    let text = try String(contentsOfFile: "\(target)/allergies.txt", encoding: .utf8)
    #expect(text == "penicillin")
    // Nothing of it stays: no key, no log, no ciphertext.
    let held = try world.practitioner.heldKeys("epoch/\(world.client.replica.vault.hex)")
    #expect(held.isEmpty)
    #expect(try !world.practitioner.replica.store.knows(world.client.replica.vault))
    #expect(try world.practitioner.replica.blobs.names().isEmpty)
  }

  @Test func theClientIsToldAtStartAndEnd() throws {
    let world = try world()
    try deposit(world)
    try open(world, hours: 2)
    let start = try world.client.sync().news
    #expect(start.contains { $0.contains("has opened your vault") && $0.contains(Self.reason) })
    #expect(try world.client.replica.status().openEmergencies.count == 1)
    #expect(try world.client.sync().news.isEmpty)
    world.clock.advance(milliseconds: 2 * Self.hour)
    let end = try world.client.sync().news
    #expect(end.contains { $0.contains("has ended") })
    #expect(try world.client.replica.status().openEmergencies.isEmpty)
  }

  @Test func neitherSideOpensItAlone() throws {
    let world = try world()
    try deposit(world)
    let found = try #require(try world.practitioner.replica.emergencyDeposits().first)
    let name = KeyRing.Name.team(found.team, generation: Int(found.keyGeneration))
    let team = try #require(try world.practitioner.replica.unlockedKeys().exchange(name))
    let stored = try #require(
      try world.client.replica.wrap(found.share, in: found.space))
    let share = try #require(stored.withUnsafeBytes { SymmetricKey(copying: $0) })
    let (epoch, key) = try #require(
      try world.client.replica.usableEpoch(of: world.client.replica.vault))
    #expect(epoch == found.epoch)
    // The team without the server's share, and the server, which has box and share, without the team.
    let other = SymmetricKey(random: SystemRandom())
    #expect(throws: SealingError.authenticationFailed) {
      try found.secret.open(found.box, share: other, team: team)
    }
    #expect(throws: SealingError.authenticationFailed) {
      try found.secret.open(
        found.box, share: share, team: ExchangeKey(random: SystemRandom()))
    }
    let inner = try found.secret.peel(found.box, share: share)
    #expect(inner.count == 1 + 16 + 16 + 32 + 32 + SealedBox.overheadByteCount)
    // Both together; and as the key of another epoch it does not open.
    let opened = try #require(try found.secret.open(found.box, share: share, team: team))
    let context = Array("compare".utf8)
    #expect(opened.matches(key.commitment(context: context), context: context))
    let moved = EmergencySecret(
      space: found.space, vault: world.client.replica.vault, epoch: EpochID(Hasher256.content([1])),
      keyGeneration: found.keyGeneration)
    #expect(throws: SealingError.authenticationFailed) {
      try moved.open(found.box, share: share, team: team)
    }
  }

  @Test func afterwardsTheVaultsKeyIsOwedAndReplaced() throws {
    let world = try world()
    try addFile(world, "a.txt", "before")
    try deposit(world)
    let before = try world.client.epochs(world.client.replica.vault)
    try open(world, hours: 1)
    try world.client.sync()
    // While it is open nothing is replaced.
    #expect(try world.client.epochs(world.client.replica.vault) == before)
    world.clock.advance(milliseconds: Self.hour)
    let debt = try world.client.replica.status().keyDebt
    #expect(debt == [KeyDebt(subject: .space(world.client.replica.vault, .vault), isOwn: true)])
    try world.client.sync()
    #expect(try world.client.epochs(world.client.replica.vault).count == before.count + 1)
    #expect(try world.client.replica.status().keyDebt.isEmpty)
    // Deposited again under the next key, and that opens what was there before, too.
    #expect(try phases(world.client) == [.ended, .ready])
    try addFile(world, "b.txt", "after")
    try open(world)
    #expect(try paths(world) == ["a.txt", "b.txt"])
  }

  @Test func clocksRestartsAndRepetitionDoNotProlongIt() throws {
    let world = try world()
    try deposit(world)
    try open(world, hours: 2)
    // Open already, and open once.
    #expect(throws: ReplicaError.self) { try open(world, hours: 24) }
    world.clock.advance(milliseconds: Self.hour)
    try world.restartServer()
    #expect(try paths(world) == [])
    // The opener's own clock says that no time has passed.
    world.practitioner.clock.offsetMilliseconds = -10 * Int64(Self.hour)
    world.clock.advance(milliseconds: Self.hour)
    #expect(throws: ReplicaError.self) { try paths(world) }
    try world.restartServer()
    #expect(throws: ReplicaError.self) { try paths(world) }
    world.practitioner.clock.offsetMilliseconds = 0
    // The client's device has not been here: there is no next deposit.
    #expect(throws: ReplicaError.self) { try open(world) }
  }

  @Test func theServersClockSetBackEndsIt() throws {
    let world = try world()
    try deposit(world)
    try open(world, hours: 2)
    world.clock.advance(milliseconds: Self.hour)
    #expect(try paths(world) == [])
    world.clock.turnBack(milliseconds: Self.hour / 2)
    #expect(throws: ReplicaError.self) { try paths(world) }
    world.clock.advance(milliseconds: Self.hour / 2)
    #expect(throws: ReplicaError.self) { try paths(world) }
  }

  @Test func whereThereIsNoDepositItIsRefusedAndTheDrillSaysSo() throws {
    let world = try world()
    let drill = { (party: Party) in
      try party.replica.drillEmergencies(party.network).map { ($0.client, $0.problem != nil) }
    }
    let account = world.client.account
    #expect(try drill(world.practitioner).contains { $0 == (account, true) })
    #expect(try drill(world.client).contains { $0 == (account, true) })
    #expect(throws: ReplicaError.self) { try open(world) }
    try deposit(world)
    #expect(try drill(world.practitioner).contains { $0 == (account, false) })
    #expect(try drill(world.client).contains { $0 == (account, false) })
    // The drill opens nothing.
    #expect(try phases(world.practitioner) == [.ready])
    try world.client.replica.turnOffEmergencyDeposit()
    try world.client.sync()
    #expect(try drill(world.practitioner).contains { $0 == (account, true) })
    #expect(throws: ReplicaError.self) { try open(world) }
    try world.client.sync()
    #expect(try phases(world.client) == [.withdrawn])
    // Asked for again, it needs another key of the vault.
    try deposit(world)
    #expect(try phases(world.practitioner) == [.ready, .withdrawn])
    try open(world)
  }

  @Test func theClientEndsIt() throws {
    let world = try world()
    try deposit(world)
    try open(world)
    try world.client.sync()
    try world.client.replica.closeEmergency(of: world.client.account)
    try world.client.sync()
    #expect(throws: ReplicaError.self) { try paths(world) }
    try world.practitioner.sync()
    #expect(try phases(world.practitioner) == [.ended, .ready])
  }

  @Test func isMadeAnewForTheNextKeys() throws {
    let world = try world()
    try deposit(world)
    let second = try world.joinTeam()
    try world.admin.replica.remove(
      second.account, from: world.facts.team, world.admin.network)
    for _ in 0..<2 { for party in [world.practitioner, world.client] { try party.sync() } }
    // Sealed to the key that who was removed does not have.
    let found = try world.client.replica.emergencyDeposits()
    #expect(found.map(\.phase).count { $0 == .ready } == 1)
    #expect(found.first { $0.phase == .ready }?.keyGeneration == 1)
    try world.practitioner.sync()
    try open(world)
    #expect(try paths(world) == [])
    #expect(throws: ReplicaError.self) {
      try second.replica.emergencyVault(of: world.client.account, second.network)
    }
  }

  @Test func isTakenBackWhereAnotherTeamIsNamed() throws {
    let world = try world()
    try deposit(world)
    let other = try world.admin.replica.createTeam(name: "Other", world.admin.network)
    try world.admin.replica.nameEmergencyTeam(other, world.admin.network)
    try world.client.sync()
    #expect(try phases(world.client) == [.withdrawn])
    #expect(try !world.client.replica.wantsEmergencyDeposit())
  }
}
