import CBOR
import Foundation
import Merge
import Sealing
import Signing
import SyncProtocol
import Synchronization
import TestSupport
import Testing

@testable import SyncServer

@Suite struct DirectoryTests {
  let folder: TemporaryFolder
  let time = VirtualTime(seed: 9)

  init() throws { folder = try TemporaryFolder() }

  private var directory: String { folder.path + "/data" }

  @Test func makesADirectoryForItsOwnerOnly() throws {
    let invitation = try SyncServer.initialize(
      directory: directory, environment: time.environment)
    #expect(invitation.role == .admin)
    #expect(invitation.organisation == nil)
    #expect(invitation.inviter == nil)
    #expect(invitation.expiresMilliseconds == time.now + 7 * day * 1000)
    #expect(try folder.mode("data") == 0o700)
    for file in ["server.db", "server.keys", "server.lock"] {
      #expect(try folder.mode("data/\(file)") == 0o600)
    }
    // The secret is the invitation's alone.
    for (_, bytes) in try folder.files() {
      #expect(!bytes.contains(invitation.secret.withBytes { Array($0) }))
    }
    let server = try SyncServer(directory: directory, environment: time.environment)
    #expect(server.certificate.identity == invitation.server)
    try server.close()
  }

  @Test func isMadeOnce() throws {
    _ = try SyncServer.initialize(directory: directory, environment: time.environment)
    let before = try folder.files().map(\.bytes)
    #expect(throws: ServerError.alreadyInitialised) {
      try SyncServer.initialize(directory: directory, environment: time.environment)
    }
    #expect(try folder.files().map(\.bytes) == before)
  }

  @Test func isNotOpenedBeforeItIsMade() throws {
    #expect(throws: ServerError.notInitialised) {
      try SyncServer(directory: directory, environment: time.environment)
    }
    #expect(throws: ServerError.system(code: ENOENT)) {
      try SyncServer.initialize(
        directory: directory + "/a/b", environment: time.environment)
    }
  }

  @Test func isServedByOneProcess() throws {
    _ = try SyncServer.initialize(directory: directory, environment: time.environment)
    do {
      let server = try SyncServer(directory: directory, environment: time.environment)
      #expect(throws: ServerError.inUse) {
        try SyncServer(directory: directory, environment: time.environment)
      }
      #expect(throws: ServerError.inUse) {
        try SyncServer.initialize(directory: directory, environment: time.environment)
      }
      try server.close()
    }
    try SyncServer(directory: directory, environment: time.environment).close()
  }

  /// A refused lock closes its own descriptor once: a second time would end what another thread has
  /// opened under the same number.
  @Test func aRefusedLockEndsNothingElse() throws {
    let path = folder.path + "/lock"
    let held = try DirectoryLock(path: path)
    let isDone = Atomic(false)
    let refusing = DispatchGroup()
    DispatchQueue.global().async(group: refusing) {
      while !isDone.load(ordering: .relaxed) {
        #expect(throws: ServerError.inUse) { try DirectoryLock(path: path) }
      }
    }
    var lostCount = 0
    for _ in 0..<20_000 {
      let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
      if close(descriptor) != 0 { lostCount += 1 }
    }
    isDone.store(true, ordering: .relaxed)
    refusing.wait()
    #expect(lostCount == 0)
    withExtendedLifetime(held) {}
  }

  @Test func refusesDamagedKeys() throws {
    _ = try SyncServer.initialize(directory: directory, environment: time.environment)
    let file = URL(fileURLWithPath: directory + "/server.keys")
    try Data([1, 2, 3]).write(to: file)
    #expect(throws: ServerError.keysDamaged) {
      try SyncServer(directory: directory, environment: time.environment)
    }
  }

  @Test func keepsEverythingOverARestart() throws {
    let world = try World(directory: directory)
    let clinic = try Clinic(world)
    let engagement = try clinic.engage()
    let share = try clinic.share(engagement)
    let head = try world.server.inspect { try $0.store.head(engagement.space) }
    try world.restart(directory: directory)
    #expect(throws: ErrorCode.sessionExpired) {
      try clinic.client.post(Path.feed, FeedRequest(after: 0))
    }
    try clinic.practitioner.logIn()
    let fetched = try clinic.practitioner.fetch([share.hash], .space(engagement.space))
    #expect(fetched == [share.wrap])
    for (index, blob) in share.blobs.enumerated() {
      let bytes = try clinic.getShareBlob(engagement, share, index, by: clinic.practitioner)
      #expect(bytes == blob)
    }
    #expect(try world.server.inspect { try $0.store.head(engagement.space) } == head)
    let reader = try TestReader(clinic.practitioner)
    try reader.pull(engagement.assignment.space)
    try reader.pull(engagement.space)
  }

  @Test func failsWhenItIsClosed() throws {
    let world = try World(directory: directory)
    let admin = try world.join(world.invitation)
    try world.server.close()
    try world.server.close()
    for path in [Path.info, Path.blob(space: admin.vault.hex, hash: Digest.zero.hex)] {
      let request = Request(.get, path, token: admin.token)
      #expect(world.server.handle(request) == .failure(.serverFault))
    }
  }

  @Test func noticesAnAlteredRow() throws {
    let world = try World(directory: directory)
    let clinic = try Clinic(world)
    let vault = try clinic.openVault(clinic.client)
    try world.server.inspect { core in
      try core.database.run(
        "UPDATE chain_statement SET statement = ? WHERE chain = ?", .blob([1]),
        .blob(ChainReference.account(clinic.client.account).encoded))
      core.chains.forget()
    }
    let push = Request(
      .post, Path.push, token: clinic.client.token,
      body: PushRequest(
        space: vault.space,
        items: [.segment(try clinic.client.segment(vault.space, [[clinic.newFolder(vault)]]))]
      ).encoded)
    #expect(world.server.handle(push) == .failure(.serverFault))
  }

  @Test func answersThatTheDiskIsFull() throws {
    #expect(ErrorCode(cause: ServerError.system(code: ENOSPC)) == .storageFull)
    #expect(ErrorCode(cause: ServerError.system(code: EIO)) == .serverFault)
    let world = try World(directory: directory)
    let admin = try world.join(world.invitation)
    // A directory that is no longer there stands for a disk that takes no more.
    try FileManager.default.removeItem(atPath: directory + "/blobs")
    #expect(throws: ErrorCode.serverFault) { try admin.putBlob([1]) }
    let missing = BlobsMissingRequest(space: admin.vault, hashes: [Hasher256.content([1])])
    let answer = try admin.call(Path.blobsMissing, missing, BlobsMissingResponse.self)
    #expect(answer.hashes.count == 1)
  }

  // MARK: Blindness

  /// Nothing that was sealed on a device can be read in any of the server's files.
  @Test func holdsNothingThatWasSealed() throws {
    let canary = "canary-4f1c-in-a-coal-mine"
    let world = try World(directory: directory)
    let clinic = try Clinic(world)
    let vault = try clinic.openVault(clinic.client)
    let key = SymmetricKey(random: world.time)
    let sealer = FieldSealer(
      epochKey: key, epochHint: Array(vault.epoch.hash.bytes.prefix(8)))
    let sealed = try sealer.seal(
      Array(canary.utf8), associatedData: [], random: world.time)
    let file = try clinic.newFile(vault, by: clinic.client, blobs: [world.time.bytes(40)])
    let folder = RecordChange(
      type: "folder", record: clinic.newRecord(), operation: .create,
      writes: [FieldWrite(key: "name", value: .bytes(sealed), sealed: true)])
    for change in [file.changes, [folder]] {
      guard case .accepted = try clinic.client.write(vault.space, change) else {
        Issue.record("the commit is accepted")
        return
      }
    }
    // What is open is there: the search finds what it looks for.
    let files = try contents()
    #expect(files.contains { $0.contains(Array("practitioner".utf8)) })
    #expect(files.contains { $0.contains(sealed) })
    for form in forms(of: canary) {
      #expect(!files.contains { $0.contains(form) })
    }
  }

  private func contents() throws -> [[UInt8]] { try folder.files().map(\.bytes) }

  private func forms(of text: String) -> [[UInt8]] {
    let bytes = Array(text.utf8)
    return [
      bytes, text.utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] },
      text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }, Array(Hex.encode(bytes).utf8),
      Array(Base64.encode(bytes).utf8.dropLast(4)),
    ]
  }

  /// A destroyed wrap is not left in the database, nor in its WAL.
  @Test func leavesNoBytesOfADestroyedWrap() throws {
    let world = try World(directory: directory)
    let clinic = try Clinic(world)
    let engagement = try clinic.engage()
    let share = try clinic.share(engagement)
    #expect(try contents().contains { $0.contains(share.wrap) })
    _ = try clinic.setAccess(engagement, share, clinic.access("revoked", []))
    #expect(!(try contents().contains { $0.contains(share.wrap) }))
  }
}

extension [UInt8] {
  /// Whether the bytes stand somewhere in these.
  fileprivate func contains(_ part: [UInt8]) -> Bool { Data(self).range(of: Data(part)) != nil }
}
