import Merge
import Signing
import SyncProtocol
import Testing

@testable import SyncServer

@Suite struct AuthorityTests {
  let clinic: Clinic
  var world: World { clinic.world }

  init() throws { clinic = try Clinic() }

  @Test func bringsANewDeviceInAtOnce() throws {
    let vault = try clinic.openVault(clinic.client)
    let before = try world.position(vault.space)
    let feed = try clinic.client.call(Path.feed, FeedRequest(after: 0), FeedResponse.self)
    world.time.pass(seconds: 10)
    let second = try world.addDevice(to: clinic.client)
    let moved = try second.call(
      Path.feed, FeedRequest(after: feed.position), FeedResponse.self)
    #expect(moved.moved.map(\.space) == [vault.space])
    let reader = try TestReader(second)
    let entries = try reader.pull(vault.space).dropFirst(Int(before.rawValue))
    let head = try world.head(.account(clinic.client.account))
    let authority = AuthorityReference.chain(.account(clinic.client.account), head)
    #expect(Array(entries) == [.time(world.time.now), .authority(authority)])
    #expect(try reader.store.state(vault.space).devices[second.id] != nil)
    let verdict = try second.write(vault.space, [clinic.newFolder(vault)])
    #expect(verdict == .accepted(try world.position(vault.space)))
    #expect(try reader.pull(vault.space).map(\.journalOrigin) == [second.lastOrigin(vault.space)])
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
    #expect(try reader.consentCommits(space, at: position).map(\.entryHash) == [hash])
  }

  @Test func namesNoAdministratorInAnEngagement() throws {
    let engagement = try clinic.engage()
    #expect(try world.state(engagement.space).admins.isEmpty)
    #expect(try world.state(engagement.assignment.space).admins == [clinic.admin.account])
  }
}
