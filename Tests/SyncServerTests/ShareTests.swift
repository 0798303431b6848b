import CBOR
import Merge
import Signing
import SyncProtocol
import Testing

@testable import SyncServer

@Suite struct ShareTests {
  let clinic: Clinic
  var world: World { clinic.world }
  var client: TestDevice { clinic.client }
  var practitioner: TestDevice { clinic.practitioner }

  init() throws { clinic = try Clinic() }

  private func fetch(
    _ share: Clinic.Share, _ engagement: Clinic.Engagement, by device: TestDevice
  ) throws -> [UInt8]? {
    try device.fetch([share.hash], .space(engagement.space))[0]
  }

  private func outcomes() throws -> [String] {
    try world.server.inspect { core in
      try core.database.rows("SELECT action, outcome FROM access_audit ORDER BY number") {
        "\($0.text(0)) \($0.text(1))"
      }
    }
  }

  @Test func releasesToThePractitionerOnly() throws {
    let engagement = try clinic.engage()
    let share = try clinic.share(engagement)
    #expect(try fetch(share, engagement, by: practitioner) == share.wrap)
    for (index, blob) in share.blobs.enumerated() {
      #expect(try clinic.getShareBlob(engagement, share, index, by: practitioner) == blob)
    }
    #expect(throws: ErrorCode.notFound) {
      try clinic.getShareBlob(engagement, share, 2, by: practitioner)
    }
    let other = try clinic.join(.practitioner)
    for device in [client, clinic.admin, other] {
      #expect(try fetch(share, engagement, by: device) == nil)
      #expect(throws: ErrorCode.notAllowed) {
        try clinic.getShareBlob(engagement, share, 0, by: device)
      }
    }
    let refused = ["share-wrap not-member", "share-blob not-member"]
    let granted = ["share-wrap granted"] + Array(repeating: "share-blob granted", count: 3)
    #expect(try outcomes() == granted + refused + refused + refused)
  }

  /// A list of names costs them as many lines as they like to name, else.
  @Test func auditsAStrangersRequestOnce() throws {
    let engagement = try clinic.engage()
    let share = try clinic.share(engagement)
    let other = try clinic.join(.practitioner)
    let names = (0..<50).map { _ in Hasher256.content(world.time.bytes(8)) } + [share.hash]
    let answer = try other.fetch(names, .space(engagement.space))
    #expect(answer == Array(repeating: nil, count: names.count))
    #expect(try outcomes() == ["share-wrap not-member"])
  }

  @Test func releasesWhilePullingOnly() throws {
    let engagement = try clinic.engage()
    let share = try clinic.share(engagement)
    try practitioner.logIn(.pull)
    #expect(try fetch(share, engagement, by: practitioner) == share.wrap)
  }

  @Test func knowsNoBlobByItsHashAlone() throws {
    let engagement = try clinic.engage()
    let share = try clinic.share(engagement)
    let hash = Hasher256.content(share.blobs[0]).hex
    for device in [practitioner, clinic.admin] {
      for space in [client.vault, engagement.space] {
        #expect(throws: ErrorCode.notAllowed) {
          try device.send(.get, Path.blob(space: space.hex, hash: hash))
        }
      }
      #expect(throws: ErrorCode.blobMissing) {
        try device.send(.get, Path.blob(space: device.vault.hex, hash: hash))
      }
    }
  }

  @Test func stopsAtTheRevocation() throws {
    let engagement = try clinic.engage()
    let share = try clinic.share(engagement)
    let other = try clinic.share(engagement)
    _ = try clinic.setAccess(
      engagement, share, clinic.access("revoked", []), shown: [])
    #expect(try fetch(share, engagement, by: practitioner) == nil)
    #expect(throws: ErrorCode.shareInactive) {
      try clinic.getShareBlob(engagement, share, 0, by: practitioner)
    }
    let remaining = try world.server.inspect { core in
      try WrapTable(database: core.database).contains(.space(engagement.space), share.hash)
    }
    #expect(!remaining)
    #expect(try fetch(other, engagement, by: practitioner) == other.wrap)
  }

  @Test func stopsAtTheEndOfTheShare() throws {
    let engagement = try clinic.engage()
    let until = world.time.now + 60_000
    let share = try clinic.share(engagement, access: clinic.access("active", until: until))
    world.time.pass(seconds: 59)
    #expect(try fetch(share, engagement, by: practitioner) == share.wrap)
    world.time.pass(seconds: 1)
    #expect(try fetch(share, engagement, by: practitioner) == nil)
    #expect(throws: ErrorCode.shareInactive) {
      try clinic.getShareBlob(engagement, share, 0, by: practitioner)
    }
    #expect(try outcomes().last == "share-blob share-expired")
  }

  @Test func stopsAtTheEndOfTheConsent() throws {
    let engagement = try clinic.engage(until: world.time.now + 60_000)
    let share = try clinic.share(engagement)
    world.time.pass(seconds: 60)
    #expect(try fetch(share, engagement, by: practitioner) == nil)
    #expect(throws: ErrorCode.consentInactive) {
      try clinic.getShareBlob(engagement, share, 0, by: practitioner)
    }
  }

  @Test func wantsThePermissionToView() throws {
    let noFiles = try clinic.engage(["add_notes"])
    let share = try clinic.share(noFiles)
    #expect(try fetch(share, noFiles, by: practitioner) == nil)
    #expect(throws: ErrorCode.consentInactive) {
      try clinic.getShareBlob(noFiles, share, 0, by: practitioner)
    }
    let second = try Clinic()
    let engagement = try second.engage()
    let blind = try second.share(engagement, access: second.access("active", ["add_notes"]))
    #expect(try second.practitioner.fetch([blind.hash], .space(engagement.space)) == [nil])
  }

  @Test func destroysTheWrapOfAReplacedContent() throws {
    let engagement = try clinic.engage()
    let share = try clinic.share(engagement)
    let next = Clinic.Share(
      record: share.record, wrap: world.time.bytes(98), blobs: [world.time.bytes(70)])
    try client.putBlob(next.blobs[0])
    try client.store([next.wrap], for: engagement.space)
    try client.write(
      engagement.space,
      [
        RecordChange(
          type: "share", record: share.record, operation: .update,
          writes: [
            FieldWrite(key: "content", value: clinic.content(next.blobs, wrap: next.wrap))
          ])
      ])
    #expect(try fetch(share, engagement, by: practitioner) == nil)
    #expect(try fetch(next, engagement, by: practitioner) == next.wrap)
    #expect(try clinic.getShareBlob(engagement, next, 0, by: practitioner) == next.blobs[0])
  }

  @Test func defersASharesCommitWithoutItsObjects() throws {
    let engagement = try clinic.engage()
    let share = Clinic.Share(record: clinic.newRecord(), wrap: [1, 2], blobs: [[3]])
    let change = clinic.shareChange(engagement, share, access: clinic.access("active"))
    let segment = try client.segment(engagement.space, [[change]])
    let deferred: [PushVerdict] = [.deferred(.objectMissing)]
    #expect(try client.push(engagement.space, [.segment(segment)]) == deferred)
    try client.store([share.wrap], for: engagement.space)
    #expect(try client.push(engagement.space, [.segment(segment)]) == deferred)
    try client.putBlob([3])
    #expect(try client.push(engagement.space, [.segment(segment)]) != deferred)
    #expect(try fetch(share, engagement, by: practitioner) == share.wrap)
  }

  @Test func givesEpochsToTheirMembers() throws {
    let engagement = try clinic.engage()
    guard case .epoch(let epoch) = engagement.epoch.statement.body else { return }
    let wrap = { (device: TestDevice) in
      epoch.wraps.first { $0.recipient.bytes == device.account.bytes }.map { [$0.hash] } ?? []
    }
    let owner = WrapOwner.space(engagement.space)
    #expect(try practitioner.fetch(wrap(practitioner), owner).compactMap(\.self).count == 1)
    #expect(try practitioner.fetch(wrap(client), owner) == [nil])
    #expect(try clinic.admin.fetch(wrap(client), owner) == [nil])
    let end = client.sign(.engagementEnd, .space(engagement.space), index: 1)
    _ = try client.push(engagement.space, [.statement(end)])
    #expect(try practitioner.fetch(wrap(practitioner), owner) == [nil])
    #expect(try client.fetch(wrap(client), owner).compactMap(\.self).count == 1)
  }

  @Test func givesAVaultsWrapsToItsOwner() throws {
    let vault = try clinic.openVault(client)
    let file = try clinic.newFile(vault, by: client, blobs: [[1]])
    try client.write(vault.space, file.changes)
    let hash = Hasher256.content(file.wrap)
    #expect(try client.fetch([hash, .zero], .space(vault.space)) == [file.wrap, nil])
    #expect(try practitioner.fetch([hash], .space(vault.space)) == [nil])
    // Nobody else stores wraps there either.
    #expect(throws: ErrorCode.notAllowed) { try practitioner.store([[1]], for: vault.space) }
  }
}
