import CBOR
import CommandSupport
import Foundation
import Merge
import Sealing
import Signing
import Simulation
import SyncProtocol
import Testing

import enum TestSupport.KeyCollision

@testable import Replica
@testable import SpaceStore

/// Shares that are not the client's, or of what is not theirs; bytes that nobody was given.
@Suite struct ShareTests {
  private let practice: Practice
  private var client: Party { practice.world.client }
  private var reader: Party { practice.world.practitioner }

  init() throws {
    practice = try Practice()
    for (name, text) in [("a.txt", "content of a"), ("b.txt", "content of b")] {
      let path = try practice.stage.file(name, text)
      #expect(try practice.world.client.replica.addToVault([path]).problems.isEmpty)
      try practice.world.client.replica.share(
        name, with: practice.world.practitioner.account, untilMilliseconds: nil,
        permissions: [.downloadFiles])
    }
    try practice.world.settle()
  }

  private func share(_ name: String) throws -> Share {
    let item = try client.replica.share(named: name)
    return try #require(try client.replica.shares(in: item.space).first { $0.id == item.id })
  }

  private func creation(
    _ share: Share, by author: Party, vault: SpaceID? = nil
  ) throws -> RecordChange {
    let record = author.newRecordID()
    let name = try author.replica.sealer(for: practice.engagement).seal(
      .text("name"), type: "share", record: record, key: "name")
    let active = Share.access(
      active: ConsentTerms(permissions: [.viewFiles], untilMilliseconds: nil))
    let writes: [(String, CBORValue)] = [
      ("vault", .bytes((vault ?? share.content.vault).bytes)), ("file", .bytes(share.file.bytes)),
      ("grant", .bytes(try #require(share.record.value("grant")?.bytes))),
      ("account_key", .bytes(share.accountKey.bytes)),
      ("content", Share.content(share.content)), ("access", active),
    ]
    return RecordChange(
      type: "share", record: record, operation: .create,
      writes: writes.map { FieldWrite(key: $0.0, value: $0.1) }
        + [FieldWrite(key: "name", value: name, sealed: true)])
  }

  /// Something new that is put aside for a forged page.
  private func writeSomething() throws {
    try client.replica.share(
      "b.txt", with: reader.account, untilMilliseconds: nil, permissions: [.addNotes])
    try client.sync()
  }

  /// Without a signature, or with the server's.
  @Test(arguments: [Lie.unsignedEntry, .wronglySignedEntry, .changedEntry])
  func aShareThatNobodySigned(lie: Lie) throws {
    let practitioner = try practice.atTheProgram(reader)
    practice.liar.tell(lie, to: reader, about: practice.engagement)
    try client.replica.share(
      "a.txt", with: reader.account, untilMilliseconds: nil, permissions: [.addNotes])
    try client.sync()
    try practitioner.syncsAndAccuses("a page of a log does not verify (journalSignature)")
    #expect(try practitioner.evidence().contains("page: journalSignature"))
    // What was shared before is still there.
    #expect(try practitioner.does("shared", "cat", "b.txt") == "content of b")
  }

  /// The practitioner writes the share that the client should have written.
  @Test func aShareByTheOneWhoWantsIt() throws {
    let tablet = practice.world.tablet
    // An honest server refuses it.
    try reader.forge(creation(share("a.txt"), by: reader), in: practice.engagement)
    let report = try reader.replica.sync(practice.transport(reader))
    #expect(report.refused.map(\.refusal.code) == [.notAllowed])
    try practice.world.settle()
    // One that works with the practitioner is found out by the client's next device.
    try practice.accept(
      creation(share("a.txt"), by: reader), by: reader, in: practice.engagement, before: tablet)
    try writeSomething()
    let person = try practice.atTheProgram(tablet)
    try person.syncsAndAccuses("the server accepted what it should not have")
    #expect(try person.evidence().contains("accepted: notAllowed"))
  }

  /// The client's own device shares a file of somebody else's vault.
  @Test func aShareOfAnotherVaultsFile() throws {
    let other = SpaceID.vault(of: reader.account)
    let change = try creation(share("a.txt"), by: client, vault: other)
    try client.forge(change, in: practice.engagement)
    let report = try client.replica.sync(practice.transport(client))
    #expect(report.refused.map(\.refusal.code) == [.grantUnknown])
    try practice.world.settle()
    try practice.accept(
      creation(share("a.txt"), by: client, vault: other), by: client, in: practice.engagement,
      before: reader)
    try writeSomething()
    let practitioner = try practice.atTheProgram(reader)
    try practitioner.syncsAndAccuses("the server accepted what it should not have")
    #expect(try practitioner.evidence().contains("accepted: grantUnknown"))
    #expect(try practitioner.does("shared", "ls").split(separator: "\n").dropFirst().count == 2)
  }

  /// A share's wrap and bytes are of another file, by a client's device that signs what it likes.
  @Test func thePayloadsOfTwoFilesExchanged() throws {
    let (a, b) = (try share("a.txt"), try share("b.txt"))
    let exchanged = SealedVersion(
      vault: a.content.vault, file: a.file, id: a.content.id, blobs: b.content.blobs,
      byteCount: b.content.byteCount, commitment: b.content.commitment, wrap: b.content.wrap)
    try expectAltered(exchanged, of: a)
  }

  /// The file key in the wrap is not the one that the share commits to.
  @Test func aKeyThatTheCommitmentDoesNotName() throws {
    let (a, b) = (try share("a.txt"), try share("b.txt"))
    let forged = SealedVersion(
      vault: a.content.vault, file: a.file, id: a.content.id, blobs: a.content.blobs,
      byteCount: a.content.byteCount, commitment: b.content.commitment, wrap: a.content.wrap)
    try expectAltered(forged, of: a)
  }

  private func fileKey(_ bytes: [UInt8]) throws -> FileKey {
    try #require(bytes.withUnsafeBytes { FileKey(copying: $0) })
  }

  /// One payload, two keys, two files: each would open, and the share commits to one of them.
  @Test func aPayloadOfTwoFiles() throws {
    let a = try share("a.txt")
    let random = SeededRandom(seed: 31)
    let bytes = (random.bytes(16), random.bytes(16))
    let keys = (try fileKey(bytes.0), try fileKey(bytes.1))
    let payload = KeyCollision.payload(bytes.0, bytes.1, random: random)
    let hash = Hasher256.content(payload)
    _ = try client.session(practice).send(
      .put, Path.blob(space: a.content.vault.hex, hash: hash.hex), payload)
    func version(_ key: FileKey) throws -> SealedVersion {
      let plain = SealedVersion(
        vault: a.content.vault, file: a.file, id: a.content.id, blobs: [hash],
        byteCount: KeyCollision.byteCount,
        commitment: keys.0.commitment(context: a.content.commitmentContext),
        wrap: a.content.wrap)
      return try client.replica.wrap(plain, key: key, for: reader.account, in: a.space)
    }
    try forgeContent(version(keys.0), of: a)
    try reader.sync()
    var content: [UInt8] = []
    try reader.replica.readShared(reader.replica.share(named: "a.txt")) { content += Array($0) }
    #expect(content.count == KeyCollision.byteCount)
    try expectAltered(version(keys.1), of: a)
  }

  /// The pieces of a payload that its own author has put wrongly together, under right names.
  @Test(arguments: ["truncated", "extended", "reordered", "repeated"])
  func aPayloadThatItsAuthorAltered(how: String) throws {
    let path = try practice.stage.file("c.txt", String(repeating: "x", count: 3 * 65_536))
    #expect(try client.replica.addToVault([path]).problems.isEmpty)
    try client.replica.share(
      "c.txt", with: reader.account, untilMilliseconds: nil, permissions: [.downloadFiles])
    try client.sync()
    let c = try share("c.txt")
    let blob = try client.replica.blobs.read(try #require(c.content.blobs.first))
    let (nonce, chunk) = (16, 65_536 + 16)
    let chunks = (0..<3).map { Array(blob[(nonce + $0 * chunk)..<(nonce + ($0 + 1) * chunk)]) }
    let (altered, count): ([[UInt8]], Int) =
      switch how {
      case "truncated": (Array(chunks.prefix(2)), 2)
      case "extended": (chunks + [chunks[2]], 4)
      case "reordered": ([chunks[1], chunks[0], chunks[2]], 3)
      default: ([chunks[0], chunks[0], chunks[2]], 3)
      }
    let bytes = Array(blob.prefix(nonce) + altered.joined())
    let hash = Hasher256.content(bytes)
    let vault = c.content.vault.hex
    _ = try client.session(practice).send(.put, Path.blob(space: vault, hash: hash.hex), bytes)
    let forged = SealedVersion(
      vault: c.content.vault, file: c.file, id: c.content.id, blobs: [hash],
      byteCount: count * 65_536, commitment: c.content.commitment, wrap: c.content.wrap)
    try expectAltered(forged, of: c)
  }

  private func forgeContent(_ version: SealedVersion, of share: Share) throws {
    try client.forge(
      RecordChange(
        type: "share", record: share.id, operation: .update,
        writes: [FieldWrite(key: "content", value: Share.content(version))]),
      in: practice.engagement)
    let report = try client.replica.sync(practice.transport(client))
    #expect(report.refused.isEmpty && report.problems.isEmpty, "\(report)")
  }

  /// The practitioner is told, and is shown nothing: no first chunk either.
  private func expectAltered(_ version: SealedVersion, of share: Share) throws {
    let name = try client.replica.shareName(share)
    try forgeContent(version, of: share)
    let practitioner = try practice.atTheProgram(reader)
    try practitioner.does("sync")
    let shown = try practitioner.run("shared", "cat", name, expecting: 1)
    #expect(shown.out.isEmpty)
    #expect(
      shown.err.contains(
        "error: \(name) was altered or is incomplete; nothing of it is shown"),
      "\(shown.transcript)")
    let saved = try practitioner.run(
      "shared", "get", name, "--to", practice.stage.folder.path + "/out", expecting: 1)
    #expect(saved.err.contains("was altered"))
    #expect(!FileManager.default.fileExists(atPath: practice.stage.folder.path + "/out/\(name)"))
    #expect(try practitioner.does("shared", "cat", "b.txt") == "content of b")
  }

  /// A practitioner asks for bytes by what they are called, without the share and after its end.
  @Test func aBlobByItsBareHash() throws {
    let a = try share("a.txt")
    let hash = try #require(a.content.blobs.first)
    let vault = a.content.vault.hex
    let session = try reader.session(practice)
    let byShare = Path.shareBlob(space: a.space.hex, share: a.id.hex, index: 0)
    _ = try session.send(.get, byShare)
    for space in [vault, SpaceID.vault(of: reader.account).hex, a.space.hex] {
      #expect(throws: ReplicaError.self) {
        try session.send(.get, Path.blob(space: space, hash: hash.hex))
      }
    }
    #expect(throws: ReplicaError.server(.notAllowed)) {
      try session.send(.get, Path.blob(space: vault, hash: hash.hex))
    }
    let person = try practice.atTheProgram(client)
    let receipt = try person.does("revoke", "a.txt", "--from", "practitioner")
    #expect(receipt.contains("what was delivered before cannot be taken back"))
    try person.does("sync")
    #expect(throws: ReplicaError.server(.shareInactive)) { try session.send(.get, byShare) }
    let wraps = try session.call(
      Path.wrapsFetch,
      WrapsFetchRequest(owner: .space(a.space), hashes: [a.content.wrap]),
      WrapsFetchResponse.self)
    #expect(wraps.wraps == [nil])
  }

  /// Whoever had a file's key writes a version of it: with the key that they know, into the vault.
  @Test func aVersionByTheOneWhoHadTheKey() throws {
    let a = try share("a.txt")
    let vault = a.content.vault
    let change = RecordChange(
      type: "version", record: reader.newRecordID(), operation: .create,
      writes: [FieldWrite(key: "file", value: .bytes(a.file.bytes))]
        + a.content.entries.map { FieldWrite(key: $0.key, value: $0.value) })
    let tablet = practice.world.tablet
    let forged = try practice.liar.commit(change, by: reader, in: vault)
    let segment = JournalSegment(
      replica: reader.replica.identity.replica, after: .start,
      commits: [try #require(forged.entry.commit)], signature: forged.tail.signature)
    let answer = Result {
      try reader.session(practice).call(
        Path.push, PushRequest(space: vault, items: [.segment(segment)]), PushResponse.self)
    }
    #expect(throws: ReplicaError.server(.notAllowed)) { try answer.get() }
    // The server lets it through.
    let person = try practice.atTheProgram(tablet)
    let path = try practice.stage.file("d.txt", "new")
    #expect(try client.replica.addToVault([path]).problems.isEmpty)
    try client.sync()
    try practice.accept(change, by: reader, in: vault, before: tablet)
    let outcome = try person.run("sync", expecting: 5)
    #expect(outcome.err.contains("error: the server showed what cannot be true"))
    #expect(!(try person.evidence().isEmpty))
    #expect(try person.does("vault", "cat", "a.txt") == "content of a")
  }
}
