import CBOR
import Foundation
import Merge
import Sealing
import Signing
import Simulation
import SyncProtocol
import Testing

@testable import Replica

/// Payloads as blobs in a store, without a replica.
struct VaultPayloadTests {
  private final class Fixture {
    let home: Home
    let store: BlobStore
    let random = SystemRandom()

    init() throws {
      let path = NSTemporaryDirectory() + "satchel-blobs-\(UUID().uuidString)"
      home = try Home.create(at: path)
      store = BlobStore(home: home, random: random)
    }

    deinit {
      do { try FileManager.default.removeItem(atPath: home.path) } catch {}
    }

    func seal(_ content: [UInt8]) throws -> (version: SealedVersion, key: FileKey) {
      let writer = try PayloadWriter(store: store, random: random)
      // In pieces that fit nothing.
      for start in stride(from: 0, to: content.count, by: 100_003) {
        let end = min(start + 100_003, content.count)
        try Array(content[start..<end]).withUnsafeBytes { try writer.append($0) }
      }
      let blobs = try writer.finish()
      return (try version(blobs, content.count, writer.fileKey), writer.fileKey)
    }

    func version(
      _ blobs: [Digest], _ byteCount: Int, _ key: FileKey, file: UInt8 = 1
    ) throws -> SealedVersion {
      let vault = try #require(SpaceID([UInt8](repeating: 9, count: 16)))
      let file = try #require(RecordID([UInt8](repeating: file, count: 16)))
      let context = SealedVersion.commitmentContext(vault: vault, file: file, version: file)
      return SealedVersion(
        vault: vault, file: file, id: file, blobs: blobs, byteCount: byteCount,
        commitment: key.commitment(context: context), wrap: .zero)
    }

    func open(_ version: SealedVersion, _ key: FileKey) throws -> [UInt8] {
      var result: [UInt8] = []
      try VersionReader(version: version, key: key, blobs: store, name: "f").read {
        result += $0
      }
      return result
    }
  }

  @Test(arguments: [
    0, 1, 65_535, 65_536, 65_537, 8 << 20 - 1, 8 << 20, 8 << 20 + 1, 17 << 20,
  ])
  func roundTrips(byteCount: Int) throws {
    let fixture = try Fixture()
    let content = VaultWorld.content(byteCount)
    let (version, key) = try fixture.seal(content)
    #expect(try fixture.open(version, key) == content)
    let payload = AgePayload.payloadByteCount(plaintextByteCount: byteCount)
    #expect(version.blobs.count == (payload + (8 << 20) - 1) / (8 << 20))
    #expect(version.blobByteCounts?.reduce(0, +) == payload)
  }

  @Test func cutsExactlyAtABlob() throws {
    // A payload of exactly 8 MiB: 16 bytes of nonce, 127 full chunks and one that fills up.
    let fixture = try Fixture()
    let plain = try #require(AgePayload.plaintextByteCount(payloadByteCount: 8 << 20))
    let content = VaultWorld.content(plain)
    let (version, key) = try fixture.seal(content)
    #expect(version.blobs.count == 1)
    #expect(try fixture.open(version, key) == content)
  }

  @Test func refusesADamagedBlob() throws {
    let fixture = try Fixture()
    let (version, key) = try fixture.seal(VaultWorld.content(9 << 20))
    let path = fixture.store.path(version.blobs[1])
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    var flipped = whole
    flipped[100] ^= 1
    for bytes in [flipped, whole.dropLast(), whole + [0], Data()] {
      try bytes.write(to: URL(fileURLWithPath: path))
      #expect(throws: ReplicaError.fileAltered("f")) { try fixture.open(version, key) }
    }
    try FileManager.default.removeItem(atPath: path)
    #expect(throws: ReplicaError.fileNotHere("f")) { try fixture.open(version, key) }
    try whole.write(to: URL(fileURLWithPath: path))
    #expect(throws: Never.self) { try fixture.open(version, key) }
  }

  @Test func refusesAnotherListOfBlobs() throws {
    let fixture = try Fixture()
    let content = VaultWorld.content(17 << 20)
    let (version, key) = try fixture.seal(content)
    let blobs = version.blobs
    #expect(blobs.count == 3)
    for list in [
      [blobs[1], blobs[0], blobs[2]], [blobs[0], blobs[0], blobs[2]], Array(blobs.dropLast()),
      blobs + [blobs[2]], [],
    ] {
      let other = try fixture.version(list, content.count, key)
      #expect(throws: ReplicaError.fileAltered("f")) { try fixture.open(other, key) }
    }
  }

  @Test(arguments: [-1, 0, 4999, 5001, 70_000, Int.max, Int.min])
  func refusesAnotherLength(byteCount: Int) throws {
    let fixture = try Fixture()
    let (version, key) = try fixture.seal(VaultWorld.content(5000))
    let other = try fixture.version(version.blobs, byteCount, key)
    #expect(throws: ReplicaError.fileAltered("f")) { try fixture.open(other, key) }
  }

  @Test func refusesSwappedPayloadsAndKeys() throws {
    let fixture = try Fixture()
    let (first, firstKey) = try fixture.seal(VaultWorld.content(5000, seed: 1))
    let (second, secondKey) = try fixture.seal(VaultWorld.content(5000, seed: 2))
    let swapped = try fixture.version(second.blobs, 5000, firstKey)
    #expect(throws: ReplicaError.fileAltered("f")) { try fixture.open(swapped, firstKey) }
    // Another key than the one that was committed to, although it opens the payload.
    let uncommitted = SealedVersion(
      vault: second.vault, file: second.file, id: second.id, blobs: second.blobs,
      byteCount: 5000, commitment: first.commitment, wrap: .zero)
    #expect(throws: ReplicaError.fileAltered("f")) { try fixture.open(uncommitted, secondKey) }
    // The commitment of the same key for another file.
    let elsewhere = try fixture.version(second.blobs, 5000, secondKey, file: 2)
    let moved = SealedVersion(
      vault: second.vault, file: second.file, id: second.id, blobs: second.blobs,
      byteCount: 5000, commitment: elsewhere.commitment, wrap: .zero)
    #expect(throws: ReplicaError.fileAltered("f")) { try fixture.open(moved, secondKey) }
  }

  @Test func leavesNothingOfABlobThatDoesNotFit() throws {
    let fixture = try Fixture()
    var count = 0
    let full = BlobStore(home: fixture.home, random: fixture.random) { path in
      count += 1
      return try count > 1 ? OpenFile.writing("/dev/full") : OpenFile.creating(path)
    }
    let writer = try PayloadWriter(store: full, random: fixture.random)
    #expect(throws: ReplicaError.diskFull) {
      try VaultWorld.content(17 << 20).withUnsafeBytes { try writer.append($0) }
      _ = try writer.finish()
    }
    try writer.discard()
    let names = FileManager.default.enumerator(atPath: fixture.home.path)?.allObjects ?? []
    let files = names.compactMap { $0 as? String }.filter { $0.count > 20 }
    #expect(files.isEmpty)
  }

  @Test func namesBlobsByTheirHash() throws {
    let fixture = try Fixture()
    let hash = try Array("abc".utf8).withUnsafeBytes { try fixture.store.store($0) }
    #expect(
      fixture.store.path(hash).hasSuffix(
        "/\(hash.hex.prefix(2))/\(hash.hex.dropFirst(2).prefix(2))/\(hash.hex)"))
    #expect(try fixture.store.read(hash) == Array("abc".utf8))
    #expect(throws: BlobStore.Failure.altered) { try fixture.store.store([1, 2], as: hash) }
    try fixture.store.removeAll(but: [])
    #expect(throws: BlobStore.Failure.missing) { try fixture.store.read(hash) }
  }

  @Test(arguments: [0, 1, 999, 1500, -1, -999, -1000, -1500, 1_800_000_000_123] as [Int64])
  func keepsTimesToTheMillisecond(milliseconds: Int64) throws {
    let fixture = try Fixture()
    let path = fixture.home.temporaryPath + "/f"
    try OpenFile.creating(path).setModified(milliseconds)
    #expect(try FileStatus(at: path).modifiedMilliseconds == milliseconds)
  }

  /// What a share says of a file is another person's word.
  @Test(arguments: [-1, Int64.min, Int64.max, 1 << 60])
  func noVersionHasAnImpossibleLength(length: Int64) throws {
    let fixture = try Fixture()
    let (version, _) = try fixture.seal([1, 2, 3])
    let entries = Dictionary(uniqueKeysWithValues: version.entries.map { ($0.key, $0.value) })
    let read = { (length: CBORValue) in
      SealedVersion(vault: version.vault, file: version.file, id: version.id) { name in
        name == "length" ? length : entries[name]
      }
    }
    #expect(read(.integer(3)) == version)
    #expect(read(.integer(length)) == nil)
  }
}
