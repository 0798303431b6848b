import Merge
import SyncProtocol
import Testing

@testable import SyncServer

/// What an engagement's client learns of the other side's devices.
@Suite struct ReceiptTests {
  let clinic: Clinic
  var client: TestDevice { clinic.client }
  var practitioner: TestDevice { clinic.practitioner }

  init() throws { clinic = try Clinic() }

  private func receipts(
    _ space: SpaceID, after: UInt64 = 0, by device: TestDevice
  ) throws -> [ReceiptsResponse.Part] {
    let request = ReceiptsRequest(parts: [ReceiptsRequest.Part(space: space, after: after)])
    return try device.call(Path.receipts, request, ReceiptsResponse.self).parts
  }

  private func report(
    _ space: SpaceID, _ shares: [RecordID], time: UInt64 = 5
  ) -> PurgeReport {
    let position = Position(shares.isEmpty ? 0 : 9)
    let message = PurgeReport.message(
      space: space, device: practitioner.id, timeMilliseconds: time, shares: shares,
      position: position)
    return PurgeReport(
      space: space, device: practitioner.id, timeMilliseconds: time,
      signature: practitioner.transport.sign(message, .purgeReport), shares: shares,
      position: position)
  }

  @Test func tellsTheClientEachAccess() throws {
    let engagement = try clinic.engage()
    let share = try clinic.share(engagement)
    _ = try practitioner.fetch([share.hash], .space(engagement.space))
    _ = try clinic.getShareBlob(engagement, share, 0, by: practitioner)
    _ = try clinic.setAccess(engagement, share, clinic.access("revoked", []))
    #expect(throws: ErrorCode.shareInactive) {
      try clinic.getShareBlob(engagement, share, 0, by: practitioner)
    }
    let part = try #require(try receipts(engagement.space, by: client).first)
    #expect(part.accessCount == 3)
    #expect(part.accesses.map(\.action) == ["share-wrap", "share-blob", "share-blob"])
    #expect(part.accesses.map(\.outcome) == ["granted", "granted", "share-revoked"])
    #expect(part.accesses.allSatisfy { $0.object == share.record.bytes })
    #expect(part.accesses.allSatisfy { $0.device == practitioner.id })
    let rest = try #require(try receipts(engagement.space, after: 2, by: client).first)
    #expect(rest.accesses == [part.accesses[2]] && rest.accessCount == 3)
  }

  @Test func tellsNobodyElse() throws {
    let engagement = try clinic.engage()
    let share = try clinic.share(engagement)
    _ = try practitioner.fetch([share.hash], .space(engagement.space))
    let other = try clinic.join(.client)
    for device in [practitioner, clinic.admin, other] {
      #expect(try receipts(engagement.space, by: device).isEmpty)
    }
    #expect(try receipts(client.vault, by: client).isEmpty)
    try client.logIn(.pull)
    #expect(throws: ErrorCode.notAllowed) { try receipts(engagement.space, by: client) }
  }

  @Test func handsOnReportsAsTheyWereSigned() throws {
    let engagement = try clinic.engage()
    let shares = (0..<3).map { _ in clinic.newRecord() }.sorted()
    let reports = [
      report(engagement.space, []), report(engagement.space, Array(shares[..<2])),
      report(engagement.space, Array(shares[2...])),
    ]
    try practitioner.logIn(.pull)
    for report in reports { try practitioner.post(Path.purged, report) }
    try practitioner.post(Path.purged, reports[1])
    let part = try #require(try receipts(engagement.space, by: client).first)
    #expect(Set(part.purges.map(\.report)) == Set(reports) && part.purges.count == 3)
    #expect(
      part.purges.allSatisfy { $0.report.isSigned(by: practitioner.transport.publicKey) })
  }

  @Test func aReportOfOtherSharesIsNotTheSignedOne() throws {
    let engagement = try clinic.engage()
    let signed = report(engagement.space, [clinic.newRecord()])
    let other = PurgeReport(
      space: signed.space, device: signed.device, timeMilliseconds: signed.timeMilliseconds,
      signature: signed.signature, shares: [clinic.newRecord()], position: signed.position)
    let later = PurgeReport(
      space: signed.space, device: signed.device, timeMilliseconds: signed.timeMilliseconds,
      signature: signed.signature, shares: signed.shares, position: signed.position.next)
    let whole = PurgeReport(
      space: signed.space, device: signed.device, timeMilliseconds: signed.timeMilliseconds,
      signature: signed.signature)
    for forged in [other, later, whole] {
      #expect(throws: ErrorCode.badSignature) { try practitioner.post(Path.purged, forged) }
    }
  }

  @Test func keepsTheLatestReportsOnly() throws {
    let engagement = try clinic.engage()
    for time in UInt64(0)..<300 {
      try practitioner.post(
        Path.purged, report(engagement.space, [clinic.newRecord()], time: time))
    }
    let count = try clinic.world.server.inspect {
      try $0.database.first("SELECT COUNT(*) FROM share_purge_report") { $0.integer(0) }
    }
    #expect(count == 256)
  }

  @Test func tellsHowFarADeviceHasRead() throws {
    let engagement = try clinic.engage()
    #expect(try receipts(engagement.space, by: client).first?.contacts == [])
    let pull = PullRequest(
      space: engagement.space, incarnation: 0, after: .zero, byteCountMax: 1 << 20)
    let page = try practitioner.call(Path.pull, pull, LogPage.self)
    // The client's own devices are none of it.
    _ = try client.call(Path.pull, pull, LogPage.self)
    let contact = ReceiptsResponse.Contact(
      device: practitioner.id, position: page.head.head.position,
      timeMilliseconds: clinic.world.time.now)
    #expect(try receipts(engagement.space, by: client).first?.contacts == [contact])
  }
}
