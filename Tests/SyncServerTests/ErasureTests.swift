import CBOR
import Foundation
import Merge
import Signing
import SyncProtocol
import TestSupport
import Testing

@testable import SyncServer

/// What its owner deletes for good is gone from the server's disk with the answer.
@Suite struct ErasureTests {
  let folder: TemporaryFolder
  let clinic: Clinic
  let vault: Clinic.Vault
  var world: World { clinic.world }
  var client: TestDevice { clinic.client }
  private var directory: String { folder.path + "/data" }

  init() throws {
    folder = try TemporaryFolder()
    clinic = try Clinic(World(directory: folder.path + "/data"))
    vault = try clinic.openVault(clinic.client)
  }

  private func isOnDisk(_ bytes: [UInt8]) throws -> Bool {
    try folder.files().contains { Data($0.bytes).range(of: Data(bytes)) != nil }
  }

  private func version(in changes: [RecordChange]) throws -> RecordID {
    try #require(changes.first { $0.type == "version" }).record
  }

  private func delete(_ type: String, _ record: RecordID) -> RecordChange {
    RecordChange(type: type, record: record, operation: .delete, writes: [])
  }

  private func expectSound() throws {
    try world.restart(directory: directory)
    let server = world.server
    try server.inspect { core in
      var report = SyncServer.Findings()
      var check = ServerCheck(core: core, repairs: false)
      try check.run(&report)
      #expect(report.problems.isEmpty)
    }
  }

  @Test func destroysADeletedVersionAtOnce() throws {
    let blobs = (0..<2).map { _ in clinic.time.bytes(200) }
    let file = try clinic.newFile(vault, by: client, blobs: blobs)
    let other = try clinic.newFile(vault, by: client, blobs: [clinic.time.bytes(300)])
    try client.write(vault.space, file.changes)
    try client.write(vault.space, other.changes)
    for bytes in blobs + [file.wrap, other.wrap] { #expect(try isOnDisk(bytes)) }
    try client.write(
      vault.space, [delete("version", version(in: file.changes)), delete("file", file.file)])
    for bytes in blobs + [file.wrap] { #expect(try !isOnDisk(bytes)) }
    #expect(try isOnDisk(other.wrap))
    // Another device that still has a blob does not bring it back, and is not held up.
    let hashes = blobs.map { Hasher256.content($0) }
    let missing = try client.call(
      Path.blobsMissing, BlobsMissingRequest(space: vault.space, hashes: hashes),
      BlobsMissingResponse.self)
    #expect(missing.hashes.isEmpty)
    try client.putBlob(blobs[0])
    #expect(try !isOnDisk(blobs[0]))
    #expect(throws: ErrorCode.blobMissing) {
      try client.send(.get, Path.blob(space: vault.space.hex, hash: hashes[0].hex))
    }
    try expectSound()
  }

  @Test func aShareOfAnErasedFileHoldsNothingUp() throws {
    let engagement = try clinic.engage()
    let blob = clinic.time.bytes(200)
    let file = try clinic.newFile(vault, by: client, blobs: [blob])
    try client.write(vault.space, file.changes)
    try client.write(vault.space, [delete("version", version(in: file.changes))])
    // Written offline, before the deletion was known.
    let late = try clinic.share(engagement, blobs: [blob])
    #expect(throws: ErrorCode.blobMissing) {
      try clinic.getShareBlob(engagement, late, 0, by: clinic.practitioner)
    }
    try expectSound()
  }

  @Test func destroysWhatADeletedAccountHeld() throws {
    let blob = clinic.time.bytes(200)
    let file = try clinic.newFile(vault, by: client, blobs: [blob])
    try client.write(vault.space, file.changes)
    let second = try world.addDevice(to: client)
    let wraps = try world.server.inspect { core in
      try core.database.rows(
        "SELECT bytes FROM wrap WHERE owner IN (?, ?)",
        .blob(WrapOwner.space(vault.space).encoded),
        .blob(WrapOwner.chain(.account(client.account)).encoded)
      ) { $0.blob(0) }
    }
    #expect(wraps.count >= 4)
    try client.append(.accountDeletion, to: .account(client.account))
    for bytes in wraps + [blob] { #expect(try !isOnDisk(bytes)) }
    for device in [client, second] {
      #expect(throws: ErrorCode.deviceRevoked) { try device.post(Path.feed, FeedRequest(after: 0)) }
      #expect(throws: ErrorCode.deviceRevoked) { try device.logIn() }
    }
    try expectSound()
  }

  @Test func onlyItsOwnDevicesDeleteAnAccount() throws {
    let chain = ChainReference.account(client.account)
    #expect(throws: ErrorCode.notAllowed) {
      try clinic.admin.append(.accountDeletion, to: chain)
    }
    try client.append(.accountDeletion, to: chain)
    let isDeleted = try world.server.inspect {
      try $0.chains.accountChain(client.account)?.isDeleted
    }
    #expect(isDeleted == true)
  }
}
