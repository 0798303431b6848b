import Foundation
import Merge
import Simulation
import SyncProtocol
import Testing

@testable import Replica

/// Keys that people have compared, and what becomes of them.
@Suite struct VerificationTests {
  private static let names = ["admin", "client", "practitioner"]

  private func verify(_ person: Party, by party: Party) throws {
    try party.replica.verify(try person.replica.ownFingerprint())
  }

  /// The practitioner takes a device out: their account has another key from then on.
  private func replaceKey(of person: Party, in world: World) throws {
    let phone = try world.enrolPhone(of: person)
    try phone.sync()
    try person.replica.revokeDevice(phone.replica.identity.device, person.network)
    try person.sync()
  }

  @Test func peopleAreUnverifiedUntilSomebodyCompares() throws {
    let world = try World(opening: ["admin", "client", "tablet", "practitioner"])
    let (client, tablet, practitioner) = (world.client, world.tablet, world.practitioner)
    let account = practitioner.account
    #expect(try client.replica.verification(of: account) == .unverified)
    #expect(try client.replica.verification(of: client.account) == .own)
    // The administrator checked the invitation's secret.
    #expect(try world.admin.replica.verification(of: account) == .invited)
    try verify(practitioner, by: client)
    #expect(try client.replica.verification(of: account) == .verified)
    // The other devices of the account learn of it, and nobody else.
    try client.sync()
    try tablet.sync()
    #expect(try tablet.replica.verification(of: account) == .verified)
    #expect(try practitioner.replica.verification(of: client.account) == .unverified)
    try tablet.replica.forgetVerification(of: account)
    try tablet.sync()
    try client.sync()
    #expect(try client.replica.verification(of: account) == .unverified)
    #expect(throws: ReplicaError.self) { try client.replica.forgetVerification(of: account) }
  }

  @Test func nobodyIsVerifiedByOtherKeys() throws {
    let world = try World(opening: ["admin", "client", "practitioner"])
    let client = world.client
    let swapped = AccountFingerprint(
      account: world.practitioner.account,
      key: try world.admin.replica.ownFingerprint().key)
    #expect(throws: ReplicaError.self) { try client.replica.verify(swapped) }
    #expect(throws: ReplicaError.self) { try verify(client, by: client) }
    #expect(try client.replica.verification(of: world.practitioner.account) == .unverified)
  }

  @Test func aReplacedKeyGetsNothingNewUntilSomebodyLooks() throws {
    let world = try World(opening: Self.names)
    let (client, practitioner) = (world.client, world.practitioner)
    let path = "\(world.folder.path)/scan.txt"
    try Data("first".utf8).write(to: URL(filePath: path))
    _ = try client.replica.addToVault([path])
    try client.replica.share(
      "scan.txt", with: practitioner.account, untilMilliseconds: nil, permissions: [])
    try verify(practitioner, by: client)
    try world.settle(Self.names)
    try replaceKey(of: practitioner, in: world)
    let report = try client.sync()
    #expect(report.warnings.contains { $0.contains("was replaced since you compared it") })
    #expect(try client.replica.verification(of: practitioner.account) == .keyChanged)
    #expect(try client.replica.status().changedKeys == [practitioner.account])

    // No new version, no renewed share, no epoch goes to the new key.
    try Data("second".utf8).write(to: URL(filePath: path))
    _ = try client.replica.addToVault([path])
    #expect(throws: ReplicaError.self) {
      try client.replica.share(
        "scan.txt", with: practitioner.account, untilMilliseconds: nil, permissions: [])
    }
    try client.sync()
    try practitioner.sync()
    let key = try practitioner.replica.ownFingerprint().key
    let wrapped = try client.replica.shares(in: world.facts.engagement)
      .filter { $0.accountKey == key }
    #expect(wrapped.isEmpty)
    let owed = try client.replica.keyDebt()
    #expect(owed.contains { $0.subject == .space(world.facts.engagement, .engagement) })

    // Looked at: all that was owed follows.
    try verify(practitioner, by: client)
    try world.settle(Self.names)
    let debts = try client.replica.keyDebt()
    #expect(debts.isEmpty)
    let shared = try practitioner.replica.sharesReceived().filter { $0.status == .active }
    #expect(shared.count == 1)
    var content: [UInt8] = []
    try practitioner.replica.readShared(try #require(shared.first)) { content += $0 }
    #expect(content == Array("second".utf8))
    try world.expectConverged(Self.names)
  }

  /// Who was never compared is an administrator's word before and after.
  @Test func whoWasNeverComparedIsNotHeldUp() throws {
    let world = try World(opening: Self.names)
    let client = world.client
    try replaceKey(of: world.practitioner, in: world)
    let report = try client.sync()
    #expect(report.warnings.isEmpty)
    #expect(try client.replica.verification(of: world.practitioner.account) == .unverified)
    try world.settle(Self.names)
    let debts = try client.replica.keyDebt()
    #expect(debts.isEmpty)
    // The administrator's check of the invitation was of the key that is gone.
    let account = world.practitioner.account
    #expect(try world.admin.replica.verification(of: account) == .unverified)
  }

  /// A member whose key somebody compared and that was replaced gets no team key from that device.
  @Test func aTeamsNextKeyWaitsForWhoIsVerified() throws {
    let world = try World(opening: Self.names)
    let practitioner = world.practitioner
    let second = try world.joinTeam()
    try verify(second, by: practitioner)
    let phone = try world.enrolPhone(of: second)
    try second.replica.revokeDevice(phone.replica.identity.device, second.network)
    // The member whose key it is may make the next one; this one may not.
    let before = try #require(try practitioner.replica.chains.teamChain(world.facts.team))
    try practitioner.sync()
    let after = try #require(try practitioner.replica.chains.teamChain(world.facts.team))
    #expect(after.keyGenerations[second.account] == before.keyGenerations[second.account])
    #expect(try practitioner.replica.verification(of: second.account) == .keyChanged)
    try second.sync()
    try practitioner.sync()
    let last = try #require(try practitioner.replica.chains.teamChain(world.facts.team))
    #expect(last.keyGenerations[second.account] == 1)
  }
}
