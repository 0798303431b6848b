import Merge
import Signing
import SyncProtocol
import Testing

@testable import SyncServer

@Suite struct AuthorityTests {
  let clinic: Clinic
  var world: World { clinic.world }

  init() throws { clinic = try Clinic() }

  @Test func bringsANewDeviceInBeforeItsFirstCommit() throws {
    let vault = try clinic.openVault(clinic.client)
    let second = try world.addDevice(to: clinic.client)
    // It reads at once: its account is the member.
    let reader = try TestReader(second)
    try reader.pull(vault.space)
    world.time.pass(seconds: 10)
    let verdict = try second.write(vault.space, [clinic.newFolder(vault)])
    let entries = try reader.pull(vault.space)
    let head = try world.head(.account(clinic.client.account))
    #expect(entries.count == 3)
    #expect(entries[0] == .time(world.time.now))
    #expect(entries[1] == .authority(.chain(.account(clinic.client.account), head)))
    #expect(entries[2].journalOrigin == second.lastOrigin(vault.space))
    #expect(verdict == .accepted(try world.position(vault.space)))
    #expect(try reader.store.state(vault.space).devices.count == 2)
  }

  @Test func bringsEverythingInOnce() throws {
    let engagement = try clinic.engage()
    for _ in 0..<3 { _ = try clinic.share(engagement) }
    let reader = try TestReader(clinic.client)
    try reader.pull(engagement.assignment.space)
    var references: [AuthorityReference] = []
    for case .authority(let reference) in try reader.pull(engagement.space) {
      references.append(reference)
    }
    #expect(Set(references).count == references.count)
    // Two accounts, the proposal and two decisions.
    #expect(references.count == 5)
  }

  @Test func bringsDecisionsInWithTheirPlaceAndHash() throws {
    let engagement = try clinic.engage()
    try clinic.decide(
      engagement.assignment, by: clinic.client, clinic.decision("revoked", nil),
      shown: [engagement.approval])
    let reader = try TestReader(clinic.client)
    try reader.pull(engagement.assignment.space)
    let entries = try reader.pull(engagement.space)
    let last = try world.position(engagement.assignment.space)
    guard case .authority(.consent(let space, let position, let hash))? = entries.last else {
      Issue.record("the withdrawal is the last entry")
      return
    }
    #expect(space == engagement.assignment.space)
    #expect(position == last)
    #expect(try reader.consentCommit(space, at: position)?.entryHash == hash)
  }

  @Test func namesNoAdministratorInAnEngagement() throws {
    let engagement = try clinic.engage()
    #expect(try world.state(engagement.space).admins.isEmpty)
    #expect(try world.state(engagement.assignment.space).admins == [clinic.admin.account])
  }
}
