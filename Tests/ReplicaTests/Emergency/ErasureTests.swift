import CBOR
import Database
import Foundation
import Merge
import Sealing
import Signing
import Simulation
import SyncProtocol
import SyncServer
import Testing

@testable import Replica
@testable import SpaceStore

/// What is deleted for good is gone on every device, and from what the server has.
@Suite struct ErasureTests {
  private let world: World
  private var client: Party { world.client }

  init() throws { world = try World() }

  private func addFile(_ name: String, _ content: String) throws {
    let path = "\(world.folder.path)/\(name)"
    try Data(content.utf8).write(to: URL(fileURLWithPath: path))
    let report = try client.replica.addToVault([path])
    #expect(report.problems.isEmpty)
  }

  /// A file of the vault, shared with the practitioner and fetched by everybody who may.
  private func shareFile() throws -> SealedVersion {
    try addFile("a.txt", "secret")
    try addFile("b.txt", "stays")
    _ = try client.replica.share(
      "a.txt", with: world.practitioner.account, untilMilliseconds: nil,
      permissions: [.viewFiles])
    try world.settle()
    let entry = try client.replica.vaultTree().file(at: "a.txt")
    return try client.replica.currentVersion(of: entry.id, name: "a.txt")
  }

  private func holds(_ party: Party, _ version: SealedVersion) throws -> Bool {
    let isWrapHere = try party.replica.database.first(
      "SELECT 1 FROM wrap WHERE hash = ?", .blob(version.wrap.bytes)
    ) { _ in true }
    let isBlobHere = try version.blobs.contains { try party.replica.blobs.byteCount($0) != nil }
    return isWrapHere != nil || isBlobHere
  }

  /// The wraps of an older server's disk that a home's keys make a file key of.
  private func opened(
    by party: Party, _ version: SealedVersion, from wraps: [[UInt8]]
  ) throws -> Int {
    let keys = try party.replica.unlockedKeys()
    var count = 0
    for wrap in wraps {
      var found: FileKey?
      for key in try keys.heldExchangeKeys() where found == nil {
        do { found = try X25519Stanza.unwrap(wrap, with: key) } catch { continue }
      }
      for space in try party.replica.store.spaceIDs() where found == nil {
        for epoch in try party.epochs(space) where found == nil {
          guard let key = try keys.symmetric(.epoch(space, epoch)) else { continue }
          found = Self.fileKey(wrap, under: key, version)
        }
      }
      if found?.matches(version.commitment, context: version.commitmentContext) == true {
        count += 1
      }
    }
    return count
  }

  private static func fileKey(
    _ wrap: [UInt8], under key: SymmetricKey, _ version: SealedVersion
  ) -> FileKey? {
    var context = CBORWriter()
    context.array(count: 5)
    context.text("satchel/1/file-key")
    context.unsigned(Domain.suite)
    context.id(version.vault)
    context.id(version.file)
    context.id(version.id)
    do {
      return FileKey(
        copying: try KeyWrap.open(wrap, key: key, associatedData: context.bytes))
    } catch {
      return nil
    }
  }

  private func wraps(in directory: String) throws -> [[UInt8]] {
    let database = try SQLiteDatabase(path: directory + "/server.db")
    let wraps = try database.rows("SELECT bytes FROM wrap") { $0.blob(0) }
    try database.close()
    return wraps
  }

  @Test func aFileThatIsErasedIsGoneEverywhere() throws {
    let version = try shareFile()
    for party in [client, world.tablet] { #expect(try holds(party, version)) }
    #expect(
      try version.blobs.contains { try world.practitioner.replica.blobs.byteCount($0) != nil })
    try client.replica.removeFromVault("a.txt", forever: true)
    try world.settle()
    for party in [client, world.tablet, world.practitioner] {
      #expect(try !holds(party, version))
      #expect(try !party.replica.blobs.names().contains(version.blobs[0]))
    }
    let names = try FileManager.default.subpathsOfDirectory(atPath: world.serverDirectory)
    #expect(!names.contains { name in version.blobs.contains { name.contains($0.hex) } })
    let left = try wraps(in: world.serverDirectory)
    for party in [client, world.tablet, world.practitioner] {
      #expect(try opened(by: party, version, from: left) == 0)
    }
    var text: [UInt8] = []
    try world.tablet.replica.readFromVault("b.txt") { text += $0 }
    #expect(text == Array("stays".utf8))
    for party in [client, world.tablet] {
      let report = try party.replica.check()
      #expect(report.problems.isEmpty)
    }
  }

  /// What the documents say of backups, no more and no less.
  @Test func aBackupFromBeforeOpensForThoseWhoseWrapsAreInIt() throws {
    let version = try shareFile()
    let second = try world.joinTeam()
    try world.backUpServer()
    try client.replica.removeFromVault("a.txt", forever: true)
    try world.settle(["client", "tablet", "practitioner", "second"])
    let old = try wraps(in: world.serverBackup)
    // Theirs: the client's under the vault's key, the practitioner's under their account key.
    #expect(try opened(by: client, version, from: old) == 1)
    #expect(try opened(by: world.practitioner, version, from: old) == 1)
    // Nobody else's keys, though they are in casework with the same client.
    #expect(try opened(by: second, version, from: old) == 0)
    #expect(try opened(by: world.admin, version, from: old) == 0)
  }

  @Test func anUnsentFileIsErasedToo() throws {
    try addFile("draft.txt", "never sent")
    let entry = try client.replica.vaultTree().file(at: "draft.txt")
    let version = try client.replica.currentVersion(of: entry.id, name: "draft.txt")
    try client.replica.removeFromVault("draft.txt", forever: true)
    let report = try client.sync()
    #expect(report.problems.isEmpty && report.deferred.isEmpty)
    #expect(try !holds(client, version))
    #expect(try client.replica.status().pendingCount == 0)
  }

  @Test func aDeletedAccountOpensNothingAnyMore() throws {
    let version = try shareFile()
    try world.backUpServer()
    let report = try client.replica.deleteAccount(client.network)
    #expect(report.wasRevoked)
    let tablet = try world.tablet.sync()
    #expect(tablet.wasRevoked)
    try world.practitioner.sync()
    for party in [client, world.tablet] {
      let keys = try party.heldKeys("")
      #expect(keys == ["local"])
      #expect(try party.presentSpaces().isEmpty)
    }
    for party in [client, world.tablet, world.practitioner] {
      #expect(try !holds(party, version))
    }
    let left = try wraps(in: world.serverDirectory)
    #expect(try opened(by: world.practitioner, version, from: left) == 0)
    // The account's keys are gone with its devices: its wraps in the backup open for nobody.
    let old = try wraps(in: world.serverBackup)
    for party in [client, world.tablet] {
      #expect(try opened(by: party, version, from: old) == 0)
    }
    // The others go on.
    let ticket = try world.practitioner.makeTicket(in: world.facts.casework)
    let after = try world.practitioner.sync()
    #expect(after.problems.isEmpty)
    #expect(try world.practitioner.isShown("ticket", ticket, in: world.facts.casework))
  }

  /// Whoever is deleted leaves the spaces that others are in: their next key is not for them.
  @Test func theOthersMakeTheNextKeyWithoutADeletedAccount() throws {
    let (practitioner, casework) = (world.practitioner, world.facts.casework)
    let before = try practitioner.epochs(casework).count
    _ = try client.replica.deleteAccount(client.network)
    let report = try practitioner.sync()
    #expect(report.problems.isEmpty)
    #expect(try practitioner.epochs(casework).count == before + 1)
    let state = try practitioner.replica.store.state(casework)
    #expect(state.role(of: client.account) == nil)
    #expect(try practitioner.replica.keyDebt() == [])
  }

  /// An opening is judged by who was in its assignment then, also by who reads it later.
  @Test func whoWasAwayVerifiesWhatADeletedAccountHasOpened() throws {
    let (admin, practitioner) = (world.admin, world.practitioner)
    let space = try admin.replica.assign(
      practitioner: practitioner.account, client: client.account,
      terms: ConsentTerms(permissions: Permission.allCases, untilMilliseconds: nil),
      admin.network)
    for (party, word) in [(practitioner, "accepted"), (client, "approved")] {
      try party.sync()
      let assignment = try party.replica.assignments().first { $0.space == space }
      try party.replica.decide(word, on: #require(assignment))
      try party.sync()
    }
    try client.sync()
    _ = try client.replica.deleteAccount(client.network)
    let report = try practitioner.sync()
    #expect(report.problems.isEmpty && !report.sawDishonesty)
  }

  /// The client is gone, and the team that is left has lost its keys: what is written from now on has
  /// another one.
  @Test func aKeyThatNobodyHoldsIsReplacedAllTheSame() throws {
    let (admin, practitioner, casework) = (world.admin, world.practitioner, world.facts.casework)
    let team = world.facts.team
    try admin.replica.remove(practitioner.account, from: team, admin.network)
    try practitioner.sync()
    _ = try client.replica.deleteAccount(client.network)
    try admin.sync()
    try admin.replica.propose(practitioner.account, for: team, admin.network)
    try practitioner.sync()
    try practitioner.replica.startTeam(team, practitioner.network)
    for _ in 0..<3 { try practitioner.sync() }
    #expect(try practitioner.replica.keyDebt() == [])
    let ticket = try practitioner.makeTicket(in: casework, title: "anew")
    let report = try practitioner.sync()
    #expect(report.acceptedCount > 0 && report.refused.isEmpty)
    #expect(try practitioner.shownText("ticket", ticket, "title", in: casework) == "anew")
  }

  @Test func anAdministratorsAccountStays() throws {
    #expect(throws: ReplicaError.self) {
      try world.admin.replica.deleteAccount(world.admin.network)
    }
  }
}
