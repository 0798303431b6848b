import CBOR
import Foundation
import Merge
import Sealing
import Signing
import TestSupport
import Testing

@testable import Replica

/// One payload that opens under two keys to two files: whoever writes the wraps could show each reader
/// another file under one version. Every reader looks at the commitment first.
struct VaultCommitmentTests {
  private static let length = KeyCollision.byteCount

  /// A client whose device lies, and a practitioner.
  private final class Fixture {
    let world: VaultWorld
    let client: Replica
    let practitioner: Replica
    let random = SystemRandom()
    /// What the version commits to, and the other.
    let committed: FileKey
    let other: FileKey
    let payload: [UInt8]

    init() throws {
      world = try VaultWorld()
      client = try world.join(.client, "Cleo")
      practitioner = try world.join(.practitioner, "Pia")
      try world.engage(practitioner, client)
      let keys = (random.bytes(16), random.bytes(16))
      committed = try #require(keys.0.withUnsafeBytes { FileKey(copying: $0) })
      other = try #require(keys.1.withUnsafeBytes { FileKey(copying: $0) })
      payload = KeyCollision.payload(keys.0, keys.1, random: random)
    }

    /// Makes the payload the file's newest version, with `key` in the vault's wrap.
    func addVersion(of path: String, wrapping key: FileKey) throws -> SealedVersion {
      world.clock.now += 1000
      let file = try client.vaultTree().file(at: path)
      let id = try #require(RecordID(random.bytes(16)))
      let vault = client.vault
      let blob = try payload.withUnsafeBytes { try client.blobs.store($0) }
      try client.keepForUpload(blob, of: vault)
      let wrap = try client.keepWrap(
        client.sealFileKey(key, vault: vault, file: file.id, version: id), in: vault)
      let context = SealedVersion.commitmentContext(vault: vault, file: file.id, version: id)
      let version = SealedVersion(
        vault: vault, file: file.id, id: id, blobs: [blob],
        byteCount: VaultCommitmentTests.length,
        commitment: committed.commitment(context: context), wrap: wrap)
      try client.write(
        Draft([
          Draft.Change(
            .create, "version", id,
            [Draft.Write("file", .bytes(file.id.bytes)), Draft.Write("modified", .integer(1))]
              + version.entries.map { Draft.Write($0.key, $0.value) })
        ]), in: vault)
      return version
    }

    /// What the payload is to somebody who does not look at the commitment.
    func plaintext(_ key: FileKey) throws -> [UInt8] {
      let opener = PayloadOpener(fileKey: key)
      var plaintext: [UInt8] = []
      try payload.withUnsafeBytes { try opener.update($0) { plaintext += $0 } }
      try opener.finish { plaintext += $0 }
      return plaintext
    }
  }

  @Test func theOwnDevicesRefuseTheOtherKey() throws {
    let fixture = try Fixture()
    let client = fixture.client
    // Two files, both authentic to whoever has but the key.
    let (first, second) = (
      try fixture.plaintext(fixture.committed), try fixture.plaintext(fixture.other)
    )
    #expect(first.count == Self.length && second.count == Self.length && first != second)

    _ = try client.addToVault([try fixture.world.write("f", "honest")])
    _ = try fixture.addVersion(of: "f", wrapping: fixture.committed)
    #expect(try client.content("f") == first)
    _ = try fixture.addVersion(of: "f", wrapping: fixture.other)
    let phone = try fixture.world.device(of: client)
    try fixture.world.sync(client, phone)
    let out = fixture.world.folder + "/out"
    for device in [client, phone] {
      #expect(throws: ReplicaError.fileAltered("f")) { try device.content("f") }
      let got = try device.getFromVault(["f"], to: out)
      #expect(got.items.isEmpty && got.problems.map(\.error) == [.fileAltered("f")])
      let reader = ExchangeKey(random: fixture.random)
      for form in [ExportForm.plain, .age([reader.publicKey])] {
        let report = try VaultExport(device, form: form, reserved: "list").run(to: out)
        #expect(report.items.isEmpty && report.problems.map(\.error) == [.fileAltered("f")])
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: out).isEmpty)
    }
  }

  @Test func whoItIsSharedWithRefusesTheOtherKey() throws {
    let fixture = try Fixture()
    let (client, practitioner) = (fixture.client, fixture.practitioner)
    _ = try client.addToVault([try fixture.world.write("f", "honest")])
    let version = try fixture.addVersion(of: "f", wrapping: fixture.committed)
    let account = practitioner.identity.account
    let item = try client.share(
      "f", with: account, untilMilliseconds: nil, permissions: [.downloadFiles])
    try fixture.world.sync(client, practitioner)
    let first = try fixture.plaintext(fixture.committed)
    #expect(try practitioner.content(shared: "f") == first)
    // The same version, with a wrap of the other key.
    let lie = try client.wrap(version, key: fixture.other, for: account, in: item.space)
    fixture.world.clock.now += 1000
    try client.write(
      Draft([
        Draft.Change(
          .update, "share", item.id, [Draft.Write("content", Share.content(lie))])
      ]), in: item.space)
    try fixture.world.sync(client, practitioner)
    #expect(throws: ReplicaError.fileAltered("f")) { try practitioner.content(shared: "f") }
    let out = fixture.world.folder + "/out"
    #expect(throws: ReplicaError.fileAltered("f")) {
      try practitioner.getShared(practitioner.share(named: "f"), to: out)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: out).isEmpty)
    // To the client it is what it was.
    #expect(try client.content("f") == first)
  }
}
