import CBOR
import Foundation
import Merge
import Sealing
import Signing
import Simulation
import SyncProtocol
import Testing

@testable import Replica

/// A client and a practitioner, over a server in memory.
struct SharesTests {
  private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  // MARK: Sharing

  @Test func sharesOneFileAndNoMore() throws {
    let pair = try SharesPair()
    try pair.add("secret.txt", "not for you")
    try pair.add("report.txt", "for you")
    let item = try pair.share("report.txt", [.downloadFiles])
    #expect(!item.isSent && item.status == .active)
    try pair.sync()
    let received = try pair.practitioner.sharesReceived()
    #expect(received.map(\.name) == ["report.txt"])
    #expect(received.map(\.client) == [pair.client.identity.account])
    #expect(received.map(\.isHere) == [true])
    #expect(try pair.practitioner.content(shared: "report.txt") == Self.bytes("for you"))
    #expect(try pair.client.sharesGiven().map(\.isSent) == [true])
    // Of the rest of the vault nothing comes, not even how much there is.
    let number = try pair.practitioner.store.number(of: pair.client.vault)
    let rows = try pair.practitioner.database.first(
      "SELECT COUNT(*) FROM version WHERE space = ?", .integer(number)
    ) { $0.integer(0) }
    #expect(rows == 0)
    #expect(try VaultAddingTests.blobCount(pair.practitioner) == 1)
    // Offline.
    pair.world.transport.isCut = true
    #expect(try pair.practitioner.content(shared: "report.txt") == Self.bytes("for you"))
    let out = pair.world.folder + "/out"
    let path = try pair.practitioner.getShared(
      pair.practitioner.share(named: "report.txt"), to: out)
    #expect(try pair.world.bytes(path) == Self.bytes("for you"))
    #expect(throws: ReplicaError.self) {
      try pair.practitioner.getShared(pair.practitioner.share(named: "report.txt"), to: out)
    }
  }

  @Test func asksForNoMoreThanTheConsentAllows() throws {
    let pair = try SharesPair(permissions: [.viewFiles])
    try pair.add("f", "f")
    #expect(throws: AccessDenial.permissionMissing(.addNotes)) {
      try pair.share("f", [.addNotes])
    }
    #expect(throws: ReplicaError.self) { try pair.share("f", until: pair.world.clock.now) }
    #expect(try pair.client.sharesGiven().isEmpty)
    try pair.share("f")
    try pair.sync()
    let item = try pair.practitioner.share(named: "f")
    #expect(item.permissions == [.viewFiles])
    #expect(throws: AccessDenial.permissionMissing(.downloadFiles)) {
      try pair.practitioner.getShared(item, to: pair.world.folder)
    }
    #expect(throws: AccessDenial.permissionMissing(.addNotes)) {
      try pair.practitioner.addNote("n", to: item)
    }
    let audit = try pair.practitioner.auditEntries()
    #expect(audit.map(\.outcome) == ["refused", "refused"])
    #expect(audit.map(\.action) == ["download", "note"])
    #expect(audit.first?.detail == "permission-missing download_files")
  }

  @Test func needsAnEngagement() throws {
    let world = try VaultWorld()
    let client = try world.join(.client, "Cleo")
    let practitioner = try world.join(.practitioner, "Pia")
    _ = try client.addToVault([try world.write("f", "f")])
    #expect(throws: ReplicaError.self) {
      try client.share(
        "f", with: practitioner.identity.account, untilMilliseconds: nil,
        permissions: [.viewFiles])
    }
  }

  @Test func sharingAgainChangesTheShare() throws {
    let pair = try SharesPair()
    try pair.add("f", "f")
    let first = try pair.share("f")
    try pair.sync()
    let until = pair.world.clock.now + 1_000_000
    let second = try pair.share("f", [.addNotes], until: until)
    #expect(first.id == second.id)
    try pair.sync()
    let items = try pair.practitioner.sharesReceived()
    #expect(items.map(\.untilMilliseconds) == [until])
    #expect(items.map(\.permissions) == [[.addNotes, .viewFiles]])
    #expect(try pair.practitioner.content(shared: "f") == Self.bytes("f"))
    pair.world.clock.now = until
    let item = try pair.practitioner.share(named: "f")
    #expect(item.status == .expired)
    #expect(throws: AccessDenial.shareExpired(until)) {
      try pair.practitioner.readShared(item) { _ in }
    }
  }

  @Test func newVersionsFollowActiveSharesOnly() throws {
    let pair = try SharesPair()
    try pair.add("followed", "one")
    try pair.add("revoked", "one")
    try pair.share("followed")
    try pair.share("revoked")
    try pair.sync()
    try pair.client.revoke("revoked", from: pair.practitioner.identity.account)
    pair.world.clock.now += 1000
    let report = try pair.client.addToVault([
      try pair.world.write("followed", "two"), try pair.world.write("revoked", "two"),
    ])
    #expect(report.items.map(\.shareCount) == [1, 0])
    try pair.sync()
    #expect(try pair.practitioner.content(shared: "followed") == Self.bytes("two"))
    #expect(throws: AccessDenial.shareRevoked) {
      try pair.practitioner.content(shared: "revoked")
    }
    // Sharing it again gives the present version under a new wrap.
    try pair.share("revoked")
    try pair.sync()
    #expect(try pair.practitioner.content(shared: "revoked") == Self.bytes("two"))
  }

  /// Whichever space is pushed first: a share needs the blobs that its vault sends.
  @Test(arguments: 0..<3)
  func worksFromASecondDevice(run: Int) throws {
    let pair = try SharesPair()
    let phone = try pair.world.device(of: pair.client)
    _ = try phone.addToVault([try pair.world.write("f", "from the phone")])
    try phone.share(
      "f", with: pair.practitioner.identity.account, untilMilliseconds: nil, permissions: [])
    try pair.world.sync(phone, pair.practitioner, pair.client)
    #expect(try pair.practitioner.content(shared: "f") == Self.bytes("from the phone"))
    try pair.client.revoke("f", from: pair.practitioner.identity.account)
    try pair.sync()
    #expect(throws: AccessDenial.shareRevoked) { try pair.practitioner.content(shared: "f") }
  }

  @Test func ofConcurrentChangesOnlyWhatAllAllowCounts() throws {
    let pair = try SharesPair()
    try pair.add("f", "f")
    try pair.share("f")
    try pair.sync()
    let phone = try pair.world.device(of: pair.client)
    let until = pair.world.clock.now + 1_000_000
    try pair.share("f", [.downloadFiles, .addNotes])
    pair.world.clock.now += 1000
    try phone.share(
      "f", with: pair.practitioner.identity.account, untilMilliseconds: until,
      permissions: [.downloadFiles])
    try pair.world.sync(pair.client, phone, pair.practitioner, pair.client)
    for replica in [pair.client, phone, pair.practitioner] {
      let item = try replica.share(named: "f")
      #expect(item.permissions == [.downloadFiles, .viewFiles])
      #expect(item.untilMilliseconds == until)
    }
    #expect(try pair.practitioner.content(shared: "f") == Self.bytes("f"))
  }

  @Test func aRevocationBeatsAConcurrentGrant() throws {
    let pair = try SharesPair()
    try pair.add("f", "f")
    try pair.share("f")
    try pair.sync()
    let phone = try pair.world.device(of: pair.client)
    try phone.revoke("f", from: pair.practitioner.identity.account)
    pair.world.clock.now += 1000
    try pair.share("f", [.downloadFiles])
    try pair.world.sync(phone, pair.client, pair.practitioner)
    #expect(throws: AccessDenial.shareRevoked) { try pair.practitioner.content(shared: "f") }
    // A grant that has seen the revocation lifts it.
    try pair.share("f")
    try pair.sync()
    #expect(try pair.practitioner.content(shared: "f") == Self.bytes("f"))
  }

  // MARK: Revoking

  @Test func revokesOfflineAndForGood() throws {
    let pair = try SharesPair()
    try pair.add("f", "f")
    try pair.share("f")
    try pair.sync()
    let wrap = try #require(
      try pair.practitioner.database.first("SELECT hash FROM wrap") { Digest($0.blob(0)) } ?? nil)
    pair.world.transport.isCut = true
    let revoked = try pair.client.revoke("f", from: pair.practitioner.identity.account)
    #expect(revoked.map(\.status) == [.revoked] && revoked.map(\.isSent) == [false])
    #expect(throws: ReplicaError.self) {
      try pair.client.revoke("f", from: pair.practitioner.identity.account)
    }
    // Until it is synced the practitioner knows nothing of it.
    #expect(try pair.practitioner.content(shared: "f") == Self.bytes("f"))
    pair.world.transport.isCut = false
    try pair.world.sync(pair.client)
    #expect(try pair.client.sharesGiven().map(\.isSent) == [true])
    // The server gives out neither wrap nor bytes.
    let item = try pair.practitioner.share(named: "f")
    let connection = Connection(pair.world.transport)
    try connection.openSession(
      pair.practitioner.identity, scope: .full,
      key: pair.practitioner.unlockedKeys().identity(), onTime: { _ in })
    let answer = try connection.call(
      Path.wrapsFetch, WrapsFetchRequest(owner: .space(item.space), hashes: [wrap]),
      WrapsFetchResponse.self)
    #expect(answer.wraps == [nil])
    #expect(throws: ReplicaError.server(.shareInactive)) {
      try connection.send(
        .get, Path.shareBlob(space: item.space.hex, share: item.id.hex, index: 0))
    }
    try pair.world.sync(pair.practitioner)
    #expect(throws: AccessDenial.shareRevoked) { try pair.practitioner.content(shared: "f") }
    #expect(try VaultAddingTests.blobCount(pair.practitioner) == 0)
    let wraps = try pair.practitioner.database.first("SELECT COUNT(*) FROM wrap") { $0.integer(0) }
    #expect(wraps == 0)
  }

  @Test func deletingAFileRevokesItsShares() throws {
    let pair = try SharesPair()
    try pair.add("f", "f")
    try pair.share("f")
    try pair.sync()
    #expect(try pair.client.removeFromVault("f").shareCount == 1)
    try pair.sync()
    #expect(throws: AccessDenial.shareRevoked) { try pair.practitioner.content(shared: "f") }
  }

  @Test func revokesWhatIsNoLongerInTheVault() throws {
    let pair = try SharesPair()
    try pair.add("f", "f")
    try pair.share("f")
    try pair.client.moveInVault("f", to: "renamed")
    #expect(try pair.client.revoke("f", from: pair.practitioner.identity.account).count == 1)
  }

  @Test func withdrawingTheConsentPurges() throws {
    let pair = try SharesPair()
    try pair.add("f", "f")
    try pair.share("f", [.addNotes])
    try pair.sync()
    try pair.client.decide("revoked", on: pair.client.assignment(with: nil))
    // The client's own device knows at once.
    #expect(throws: AccessDenial.consentInactive(.revoked)) { try pair.share("f") }
    try pair.world.sync(pair.client)
    pair.practitioner.lock()
    try pair.world.sync(pair.practitioner)
    #expect(try VaultAddingTests.blobCount(pair.practitioner) == 0)
    let wraps = try pair.practitioner.database.first("SELECT COUNT(*) FROM wrap") { $0.integer(0) }
    #expect(wraps == 0)
    try pair.practitioner.unlock(
      password: SecretBytes(copying: Array(VaultWorld.password.utf8)))
    #expect(try pair.practitioner.sharesReceived().isEmpty)
    #expect(throws: ReplicaError.notFound("f")) { try pair.practitioner.share(named: "f") }
  }

  // MARK: Leases

  @Test func forgetsWhenTheLeaseIsOver() throws {
    let pair = try SharesPair()
    try pair.add("f", "f")
    try pair.share("f")
    try pair.sync()
    pair.world.clock.now += ShareAccess.leaseMilliseconds - 1
    #expect(try pair.practitioner.content(shared: "f") == Self.bytes("f"))
    pair.world.clock.now += 1
    #expect(throws: AccessDenial.leaseOver) { try pair.practitioner.content(shared: "f") }
    try pair.practitioner.tidyFiles()
    #expect(try VaultAddingTests.blobCount(pair.practitioner) == 0)
    // A locked sync renews nothing.
    pair.practitioner.lock()
    try pair.world.sync(pair.practitioner)
    try pair.practitioner.unlock(
      password: SecretBytes(copying: Array(VaultWorld.password.utf8)))
    #expect(throws: AccessDenial.leaseOver) { try pair.practitioner.content(shared: "f") }
    try pair.world.sync(pair.practitioner)
    #expect(try pair.practitioner.content(shared: "f") == Self.bytes("f"))
  }

  @Test func aClockThatIsSetBackLengthensNoLease() throws {
    let pair = try SharesPair()
    try pair.add("f", "f")
    try pair.share("f", [.addNotes])
    try pair.sync()
    pair.world.clock.now += ShareAccess.leaseMilliseconds - 1
    try pair.practitioner.addNote("seen", to: pair.practitioner.share(named: "f"))
    pair.world.clock.now += 10
    #expect(throws: AccessDenial.leaseOver) { try pair.practitioner.content(shared: "f") }
    _ = try pair.practitioner.tick()
    pair.world.clock.now -= 1_000_000
    #expect(throws: AccessDenial.leaseOver) { try pair.practitioner.content(shared: "f") }
  }

  // MARK: Notes

  @Test func bothSidesWriteNotes() throws {
    let pair = try SharesPair()
    try pair.add("f", "f")
    try pair.share("f", [.addNotes])
    try pair.sync()
    try pair.practitioner.addNote("looks good", to: pair.practitioner.share(named: "f"))
    try pair.world.sync(pair.practitioner, pair.client)
    pair.world.clock.now += 1000
    try pair.client.addNote("thanks", to: pair.client.share(named: "f"))
    try pair.world.sync(pair.client, pair.practitioner)
    for replica in [pair.client, pair.practitioner] {
      let notes = try replica.notes(on: replica.share(named: "f"))
      #expect(notes.map(\.text) == ["looks good", "thanks"])
      #expect(
        notes.map(\.author) == [
          pair.practitioner.identity.account, pair.client.identity.account,
        ])
      #expect(notes.allSatisfy { $0.isSent })
    }
    #expect(throws: ReplicaError.self) {
      try pair.client.addNote("", to: pair.client.share(named: "f"))
    }
    #expect(throws: ReplicaError.self) {
      let long = String(repeating: "x", count: 16_385)
      try pair.client.addNote(long, to: pair.client.share(named: "f"))
    }
  }

  // MARK: Dishonesty

  @Test func refusesASwappedWrapOrPayload() throws {
    let pair = try SharesPair()
    try pair.add("a", "content of a")
    try pair.add("b", "content of b")
    let a = try pair.share("a")
    let b = try pair.share("b")
    // A client's device that puts the wrap and the payload of `b` into the share of `a`.
    let shares = try pair.client.shares(in: a.space)
    let first = try #require(shares.first { $0.id == a.id })
    let second = try #require(shares.first { $0.id == b.id })
    let swapped = SealedVersion(
      vault: first.content.vault, file: first.file, id: first.content.id,
      blobs: second.content.blobs, byteCount: second.content.byteCount,
      commitment: second.content.commitment, wrap: second.content.wrap)
    pair.world.clock.now += 1000
    try pair.client.write(
      Draft([
        Draft.Change(
          .update, "share", a.id, [Draft.Write("content", Share.content(swapped))])
      ]), in: a.space)
    try pair.sync()
    #expect(throws: ReplicaError.fileAltered("a")) { try pair.practitioner.content(shared: "a") }
    #expect(try pair.practitioner.content(shared: "b") == Self.bytes("content of b"))
    #expect(try pair.practitioner.auditEntries().map(\.outcome) == ["failed", "granted"])
  }

  @Test func refusesBlobsThatAreNotWhatTheirNameSays() throws {
    let pair = try SharesPair()
    try pair.add("f", "f")
    try pair.share("f")
    try pair.world.sync(pair.client)
    pair.world.transport.tamper = { request, response in
      guard request.path.contains("/blobs/"), request.method == .get,
        case .success(var bytes) = response
      else { return response }
      bytes[0] ^= 1
      return .success(bytes)
    }
    let report = try pair.practitioner.sync(pair.world.transport)
    #expect(report.problems.count == 1)
    #expect(throws: ReplicaError.fileNotHere("f")) { try pair.practitioner.content(shared: "f") }
    pair.world.transport.tamper = { $1 }
    try pair.world.sync(pair.practitioner)
    #expect(try pair.practitioner.content(shared: "f") == Self.bytes("f"))
  }

  @Test func refusesAWrapThatIsNotWhatItsNameSays() throws {
    let pair = try SharesPair()
    try pair.add("f", "f")
    try pair.share("f")
    try pair.world.sync(pair.client)
    pair.world.transport.tamper = { request, response in
      guard request.path == Path.wrapsFetch else { return response }
      return .success(WrapsFetchResponse(wraps: [[1, 2, 3]]).encoded)
    }
    #expect(try !pair.practitioner.sync(pair.world.transport).problems.isEmpty)
    #expect(throws: ReplicaError.fileNotHere("f")) { try pair.practitioner.content(shared: "f") }
  }

  @Test func keepsEvidenceOfAShareThatIsNotTheClients() throws {
    let pair = try SharesPair()
    try pair.add("f", "f")
    let item = try pair.share("f")
    try pair.sync()
    // As if the log's acceptance had let it through: the practitioner's own device names a share.
    let id = TimeOrderedID.make(RecordID.self, pair.practitioner.environment)
    let share = try #require(try pair.practitioner.shares(in: item.space).first)
    let writes: [(String, CBORValue)] = [
      ("vault", .bytes(share.content.vault.bytes)), ("file", .bytes(share.file.bytes)),
      ("grant", .bytes([])), ("account_key", .bytes(share.accountKey.bytes)),
      ("content", Share.content(share.content)),
      (
        "access",
        Share.access(active: ConsentTerms(permissions: [.viewFiles], untilMilliseconds: nil))
      ),
    ]
    let replica = pair.practitioner
    let point = JournalPoint(sequence: 1000, hash: .zero)
    let origin = Origin(replica: replica.identity.replica, sequence: point.sequence)
    let state = try replica.store.state(item.space)
    let commit = Commit(
      header: CommitHeader(
        time: try replica.tick(), context: Context(position: state.position)),
      changes: [
        RecordChange(
          type: "share", record: id, operation: .create,
          writes: writes.map { FieldWrite(key: $0.0, value: $0.1) })
      ])
    _ = try replica.transaction {
      try replica.store.append(
        .commit(origin, EncodedCommit(commit)), .commit(commit, origin), point: point,
        in: item.space)
    }
    let shown = try #require(try replica.sharesReceived().first { $0.id == id })
    #expect(throws: AccessDenial.notFromClient) { try replica.readShared(shown) { _ in } }
    #expect(throws: AccessDenial.notFromClient) { try replica.readShared(shown) { _ in } }
    let kept = try replica.database.first(
      "SELECT COUNT(*) FROM evidence WHERE kind = 'share'"
    ) { $0.integer(0) }
    #expect(kept == 1)
  }
}
