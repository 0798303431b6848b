import Merge
import Sealing
import Signing
import SyncProtocol
import Testing

@testable import SyncServer

@Suite struct RemovalTests {
  let clinic: Clinic
  var world: World { clinic.world }

  init() throws { clinic = try Clinic() }

  @Test func aRevokedDevicesSessionsEnd() throws {
    let second = try world.addDevice(to: clinic.client)
    try second.post(Path.feed, FeedRequest(after: 0))
    _ = try world.revoke(second, by: clinic.client)
    #expect(throws: ErrorCode.deviceRevoked) {
      try second.post(Path.feed, FeedRequest(after: 0))
    }
    #expect(throws: ErrorCode.deviceRevoked) { try second.logIn() }
    try clinic.client.post(Path.feed, FeedRequest(after: 0))
  }

  @Test func itMayStillReadWhy() throws {
    let vault = try clinic.openVault(clinic.client)
    let second = try world.addDevice(to: clinic.client)
    _ = try world.revoke(second, by: clinic.client)
    try second.logIn(.pull)
    let own = ChainReference.account(clinic.client.account)
    let answer = try second.call(
      Path.chains, ChainRequest(parts: [ChainPartRequest(chain: own, from: 0)]),
      ChainResponse.self)
    #expect(answer.parts.first?.statements.count == 3)
    #expect(throws: ErrorCode.deviceRevoked) {
      let other = ChainReference.organisation(clinic.organisation)
      try second.post(
        Path.chains, ChainRequest(parts: [ChainPartRequest(chain: other, from: 0)]))
    }
    for path in [Path.feed, Path.pull, Path.wrapsFetch, Path.journal] {
      #expect(throws: ErrorCode.deviceRevoked) { try second.send(.post, path, []) }
    }
    let time = world.time.now
    let message = PurgeReport.message(
      space: vault.space, device: second.id, timeMilliseconds: time)
    try second.post(
      Path.purged,
      PurgeReport(
        space: vault.space, device: second.id, timeMilliseconds: time,
        signature: second.transport.sign(message, .purgeReport)))
  }

  @Test func itIsBarredInEverySpaceBeforeAnythingElse() throws {
    let vault = try clinic.openVault(clinic.client)
    let second = try world.addDevice(to: clinic.client)
    let before = try world.position(vault.space)
    let feed = try clinic.client.call(Path.feed, FeedRequest(after: 0), FeedResponse.self)
    _ = try world.revoke(second, by: clinic.client)
    let until = try world.state(vault.space).devices[second.id]?.until
    #expect(try #require(until) > before)
    let moved = try clinic.client.call(
      Path.feed, FeedRequest(after: feed.position), FeedResponse.self)
    #expect(moved.moved.map(\.space) == [vault.space])
    // What is sealed under the epoch that the device holds is refused from here on.
    let verdict = try clinic.client.write(vault.space, [clinic.newFolder(vault)])
    guard case .refused(_, let refusal) = verdict else {
      Issue.record("\(verdict)")
      return
    }
    #expect(refusal.code == .epochStale)
  }

  @Test func theRequestCarriesExactlyTheWraps() throws {
    let second = try world.addDevice(to: clinic.client)
    let wrap = world.time.bytes(80)
    let body = DeviceRevocation(
      device: second.id, accountKey: ExchangeKey(random: world.time).publicKey,
      predecessor: .zero,
      wraps: [DeviceRevocation.Wrap(device: clinic.client.id, hash: Hasher256.content(wrap))])
    #expect(throws: ErrorCode.malformed) {
      try clinic.client.append(
        .deviceRevocation(body), to: .account(clinic.client.account), wraps: [wrap])
    }
  }

  @Test func theNextKeyIsGivenToThoseWhoStay() throws {
    let second = try world.addDevice(to: clinic.client)
    let third = try world.addDevice(to: clinic.client)
    let wraps = try world.revoke(second, by: clinic.client)
    let request = WrapsFetchRequest(
      owner: .chain(.account(clinic.client.account)),
      hashes: wraps.map { Hasher256.content($0) })
    for device in [clinic.client, third] {
      let answer = try device.call(Path.wrapsFetch, request, WrapsFetchResponse.self)
      let found = answer.wraps.compactMap(\.self)
      #expect(found.count == 2)
      #expect(found.last == wraps.last)
    }
    let stranger = try clinic.practitioner.call(
      Path.wrapsFetch, request, WrapsFetchResponse.self)
    #expect(stranger.wraps.allSatisfy { $0 == nil })
  }

  @Test func aMemberWhoLeftReadsUpToTheLeaving() throws {
    let casework = try clinic.openCasework()
    try clinic.admin.append(
      .teamRemoval(TeamRemoval(account: clinic.practitioner.account)),
      to: .team(casework.team))
    let left = try #require(
      try world.state(casework.space).members[clinic.practitioner.account]?.until)
    let reader = try TestReader(clinic.practitioner)
    try reader.pull(casework.space)
    #expect(try reader.store.state(casework.space).position == left)
    let verdict = try clinic.practitioner.write(
      casework.space, [clinic.newTicket(casework)])
    guard case .refused(_, let refusal) = verdict else {
      Issue.record("\(verdict)")
      return
    }
    #expect(refusal.code == .notMember)
    let wraps = try clinic.practitioner.call(
      Path.wrapsFetch,
      WrapsFetchRequest(owner: .chain(.team(casework.team)), hashes: [.zero]),
      WrapsFetchResponse.self)
    #expect(wraps.wraps == [nil])
  }
}
