import Merge
import Signing
import Simulation
import SyncProtocol
import Testing

@testable import Replica

/// What a client learns of what became of shares.
struct ReceiptTests {
  @Test func aRevokedFileIsReportedPurged() throws {
    let pair = try SharesPair()
    try pair.add("f", "f")
    let item = try pair.share("f")
    try pair.sync()
    #expect(try pair.client.receipts().isEmpty)
    try pair.revoke("f")
    let before = try #require(try pair.client.receipts().first)
    #expect(before.share == item.id && !before.isStopped && before.name == "f")
    #expect(before.devices.map(\.id) == [pair.practitioner.identity.device])
    #expect(before.devices.allSatisfy { $0.heardMilliseconds == nil })
    try pair.world.sync(pair.client)
    let stopped = try #require(try pair.client.receipts().first)
    #expect(stopped.isStopped && stopped.devices[0].heardMilliseconds == nil)
    pair.world.clock.now += 60_000
    try pair.world.sync(pair.practitioner, pair.client)
    let after = try #require(try pair.client.receipts().first)
    #expect(after.devices[0].purgedMilliseconds == pair.world.clock.now)
    #expect(after.devices[0].heardMilliseconds == pair.world.clock.now)
    // Given again and taken back again: the old report does not count for it.
    try pair.share("f")
    try pair.sync()
    try pair.revoke("f")
    try pair.world.sync(pair.client)
    #expect(try pair.client.receipts().first?.devices[0].purgedMilliseconds == nil)
    try pair.world.sync(pair.practitioner, pair.client)
    #expect(try pair.client.receipts().first?.devices[0].purgedMilliseconds != nil)
  }

  @Test func anEndedEngagementHasOneReceipt() throws {
    let pair = try SharesPair()
    let tablet = try pair.world.device(of: pair.practitioner)
    for name in ["a", "b"] {
      try pair.add(name, name)
      try pair.share(name)
    }
    try pair.sync(tablet)
    try pair.client.decide("revoked", on: pair.client.assignment(with: nil))
    try pair.world.sync(pair.client)
    // A locked device purges and reports as well; the other one stays away.
    pair.practitioner.lock()
    try pair.world.sync(pair.practitioner, pair.client)
    let receipts = try pair.client.receipts()
    #expect(receipts.map(\.shareCount) == [2] && receipts.map(\.share) == [nil])
    let devices = try #require(receipts.first).devices
    #expect(devices.first { $0.id == pair.practitioner.identity.device }?.purgedMilliseconds != nil)
    #expect(devices.first { $0.id == tablet.identity.device }?.purgedMilliseconds == nil)
    #expect(devices.first { $0.id == tablet.identity.device }?.heardMilliseconds == nil)
  }

  @Test func accessesAreAsTheServerReportsThem() throws {
    let pair = try SharesPair()
    try pair.add("f", "f")
    let item = try pair.share("f")
    try pair.sync()
    #expect(try pair.client.lastAccesses().isEmpty)
    let time = pair.world.clock.now
    pair.world.clock.now += 1000
    try pair.world.sync(pair.client)
    let last = try #require(try pair.client.lastAccesses()[item.id])
    #expect(last.map(\.device) == [pair.practitioner.identity.device])
    #expect(last.map(\.timeMilliseconds) == [time])
    let all = try pair.client.reportedAccesses()
    #expect(Set(all.map(\.action)) == ["share-wrap", "share-blob"])
    #expect(all.allSatisfy { $0.outcome == "granted" && $0.account == pair.pia })
    // Once told, they are not asked for again.
    pair.world.transport.forgetPaths()
    try pair.world.sync(pair.client)
    #expect(pair.world.transport.paths.count { $0 == Path.receipts } == 1)
    #expect(try pair.client.reportedAccesses().count == all.count)
    #expect(try pair.practitioner.reportedAccesses().isEmpty)
    #expect(try pair.client.database.integrityCheck().isEmpty)
  }

  @Test func aReportThatNoDeviceSignedIsEvidence() throws {
    let pair = try SharesPair()
    try pair.add("f", "f")
    try pair.share("f")
    try pair.sync()
    try pair.revoke("f")
    let space = try pair.engagement
    let device = pair.practitioner.identity.device
    let signature = try #require(Signature([UInt8](repeating: 7, count: 64)))
    pair.world.transport.tamper = { request, response in
      guard request.path == Path.receipts else { return response }
      let forged = PurgeReport(
        space: space, device: device, timeMilliseconds: 1 << 47, signature: signature)
      let part = ReceiptsResponse.Part(
        space: space, accessCount: 0, accesses: [],
        purges: [.init(report: forged, receivedMilliseconds: 5)], contacts: [])
      return .success(ReceiptsResponse(parts: [part]).encoded)
    }
    let report = try pair.client.sync(pair.world.transport)
    #expect(report.sawDishonesty)
    #expect(try pair.client.receipts().first?.devices[0].purgedMilliseconds == nil)
    #expect(try pair.client.status().evidenceCount == 1)
  }

  /// A server that always has one more to tell.
  @Test func endlessAccessesEnd() throws {
    let pair = try SharesPair()
    let space = try pair.engagement
    let pia = pair.pia
    var count: UInt64 = 0
    pair.world.transport.tamper = { request, response in
      guard request.path == Path.receipts else { return response }
      count += 1
      let access = ReceiptsResponse.Access(
        timeMilliseconds: count, account: pia, device: DeviceID(Digest.zero), action: "share-wrap",
        object: [], outcome: "granted")
      let part = ReceiptsResponse.Part(
        space: space, accessCount: 1 << 40, accesses: [access], purges: [], contacts: [])
      return .success(ReceiptsResponse(parts: [part]).encoded)
    }
    _ = try pair.client.sync(pair.world.transport)
    #expect(count == 256)
  }
}
