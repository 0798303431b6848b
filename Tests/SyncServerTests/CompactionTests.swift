import Database
import Merge
import SyncProtocol
import Testing

@testable import SpaceStore
@testable import SyncServer

/// Overwritten values leave the server's log once everybody has seen them go, and not before.
@Suite struct CompactionTests {
  /// A vault with two devices, and a folder in it that has been renamed.
  private final class Scene {
    let clinic: Clinic
    let vault: Clinic.Vault
    let first: TestDevice
    let second: TestDevice
    let folder: RecordChange
    /// Where the folder was made: what will be a stub.
    let created: Position

    var world: World { clinic.world }

    init(_ world: World? = nil) throws {
      var options = SyncServer.Options()
      options.compactedCountMax = 0
      clinic = try Clinic(world ?? World(options: options))
      first = clinic.client
      vault = try clinic.openVault(first)
      second = try clinic.world.addDevice(to: first)
      folder = clinic.newFolder(vault)
      guard case .accepted(let position) = try first.write(vault.space, [folder]) else {
        throw ErrorCode.malformed
      }
      created = position
    }

    func rename() throws {
      let change = RecordChange(
        type: "folder", record: folder.record, operation: .update,
        writes: [FieldWrite(key: "name", value: clinic.sealed(vault.epoch), sealed: true)])
      guard case .accepted = try first.write(vault.space, [change]) else {
        throw ErrorCode.malformed
      }
    }

    /// Asks for what comes after a position; by default for what comes after the end.
    func read(
      _ device: TestDevice, after position: Position? = nil, home: UInt64? = nil,
      space: SpaceID? = nil
    ) throws {
      let space = space ?? vault.space
      let request = PullRequest(
        space: space, incarnation: 0, after: try position ?? world.position(space),
        byteCountMax: 1 << 20, home: home ?? device.replica.home)
      try device.post(Path.pull, request)
    }

    func stubs(_ space: SpaceID? = nil) throws -> [Position] {
      try world.server.inspect { core in
        let number = try core.store.number(of: space ?? vault.space)
        let entries = try core.store.log.entries(
          space: number, after: .zero, byteCountMax: 1 << 24)
        return entries.enumerated().compactMap { index, entry in
          if case .stub = entry { Position(UInt64(index) + 1) } else { nil }
        }
      }
    }
  }

  @Test func waitsForEveryReplica() throws {
    let scene = try Scene()
    try scene.read(scene.second)
    try scene.rename()
    try scene.read(scene.first)
    #expect(try scene.world.server.compact() == 0)
    try scene.read(scene.second)
    #expect(try scene.world.server.compact() == 1)
    #expect(try scene.stubs() == [scene.created])
    #expect(try scene.world.server.compact() == 0)
  }

  @Test func nobodyToHaveReadItNothingGoes() throws {
    let scene = try Scene()
    try scene.rename()
    #expect(try scene.world.server.compact() == 0)
  }

  /// Another home of the same device is another replica.
  @Test func waitsForEveryHome() throws {
    let scene = try Scene()
    try scene.read(scene.first, home: 1)
    try scene.rename()
    try scene.read(scene.first, home: 2)
    #expect(try scene.world.server.compact() == 0)
    try scene.read(scene.first, home: 1)
    #expect(try scene.world.server.compact() == 1)
  }

  /// A restored home asks from further back, and has not seen any more what it had seen once.
  @Test func aHomeThatGoesBackIsWaitedForThere() throws {
    let scene = try Scene()
    try scene.rename()
    try scene.read(scene.first)
    try scene.read(scene.first, after: scene.created)
    #expect(try scene.world.server.compact() == 0)
  }

  /// Inventing homes holds nothing up for longer than one would.
  @Test func homesOfOneDeviceAreBounded() throws {
    let scene = try Scene()
    for home in 0..<40 as Range<UInt64> { try scene.read(scene.first, home: home) }
    let count = try scene.world.server.inspect { core in
      try core.database.first("SELECT COUNT(*) FROM reader") { $0.integer(0) }
    }
    #expect(count == 16)
  }

  @Test func aPushLetsSomeOfItGo() throws {
    let scene = try Scene(World())
    try scene.rename()
    try scene.read(scene.first)
    #expect(try scene.stubs().isEmpty)
    try scene.rename()
    #expect(try scene.stubs() == [scene.created])
  }

  /// Journals, heads and verdicts are what they were.
  @Test func nothingElseChanges() throws {
    let scene = try Scene()
    let space = scene.vault.space
    let segment = try scene.first.segment(
      space, [[scene.clinic.newFolder(scene.vault)], [scene.clinic.newFolder(scene.vault)]])
    let verdicts = try scene.first.push(space, [.segment(segment)])
    let known = try TestReader(scene.first)
    try known.pull(space)
    try scene.rename()
    try scene.rename()
    try scene.read(scene.first)
    let before = try scene.world.server.inspect { try $0.store.head(space) }
    #expect(try scene.world.server.compact() == 2)
    #expect(try scene.world.server.inspect { try $0.store.head(space) } == before)
    #expect(try scene.first.push(space, [.segment(segment)]) == verdicts)
    let fresh = try TestReader(scene.second)
    try fresh.pull(space)
    try known.pull(space)
    for reader in [fresh, known] {
      #expect(try reader.store.head(space) == before)
      #expect(try !reader.store.isIncomplete(space))
      let row = RowKey(
        space: try reader.store.number(of: space), type: "folder", record: scene.folder.record)
      let servers = try scene.world.server.inspect { core in
        try core.store.tables.acceptedState(
          RowKey(
            space: core.store.number(of: space), type: "folder", record: scene.folder.record))
      }
      #expect(try reader.store.tables.acceptedState(row) == servers)
    }
  }

  /// Of a deleted comment only the marker stays; what is still written to it is refused.
  @Test func whatIsDeletedForGoodGoes() throws {
    let scene = try Scene()
    let clinic = scene.clinic
    let casework = try clinic.openCasework()
    let ticket = clinic.newTicket(casework)
    let comment = RecordChange(
      type: "comment", record: clinic.newRecord(), operation: .create,
      writes: [
        FieldWrite(key: "ticket", value: .bytes(ticket.record.bytes)),
        FieldWrite(key: "text", value: clinic.sealed(casework.epoch), sealed: true),
      ])
    try scene.first.write(casework.space, [ticket])
    guard case .accepted(let position) = try scene.first.write(casework.space, [comment]) else {
      throw ErrorCode.malformed
    }
    try scene.first.write(casework.space, [clinic.setSeverity(ticket.record, "major")])
    try scene.first.write(
      casework.space,
      [RecordChange(type: "comment", record: comment.record, operation: .delete)])
    for device in [scene.first, clinic.practitioner] {
      try scene.read(device, space: casework.space)
    }
    #expect(try scene.world.server.compact() == 1)
    // The ticket's history is kept.
    #expect(try scene.stubs(casework.space) == [position])
    try TestReader(clinic.practitioner).pull(casework.space)
    let late = RecordChange(
      type: "comment", record: comment.record, operation: .update,
      writes: [
        FieldWrite(key: "text", value: clinic.sealed(casework.epoch), sealed: true)
      ])
    guard case .refused(_, let refusal) = try scene.first.write(casework.space, [late]) else {
      Issue.record("a late write to a deleted comment was accepted")
      return
    }
    #expect(refusal.code == .gone)
  }

  // MARK: Retirement

  @Test func whoIsAwayForTooLongIsNotWaitedFor() throws {
    let scene = try Scene()
    try scene.read(scene.second)
    try scene.read(scene.first)
    try scene.rename()
    scene.clinic.time.pass(seconds: 179 * day)
    try scene.first.logIn()
    try scene.read(scene.first)
    #expect(try scene.world.server.compact() == 0)
    scene.clinic.time.pass(seconds: day)
    #expect(try scene.world.server.compact() == 1)
  }

  /// Having nothing to read is not being away.
  @Test func whoHasReadAllIsNotRetired() throws {
    let scene = try Scene()
    try scene.read(scene.second)
    scene.clinic.time.pass(seconds: 400 * day)
    try scene.first.logIn()
    try scene.second.logIn()
    try scene.rename()
    try scene.read(scene.first)
    #expect(try scene.world.server.compact() == 0)
    scene.second.journals = [:]
    guard
      case .accepted = try scene.second.write(
        scene.vault.space, [scene.clinic.newFolder(scene.vault)])
    else {
      Issue.record("a device that was in time was not let in")
      return
    }
  }

  @Test func whoComesBackWritesAsAnother() throws {
    let scene = try Scene()
    let space = scene.vault.space
    try scene.read(scene.second)
    let old = scene.second.replica
    let seen = try scene.world.position(space)
    try scene.rename()
    scene.clinic.time.pass(seconds: 181 * day)
    try scene.second.logIn()
    let change = scene.clinic.newFolder(scene.vault)
    #expect(throws: ErrorCode.replicaRetired) {
      try scene.second.write(space, [change], seen: seen)
    }
    scene.second.move(toHome: 8)
    let segment = try scene.second.segment(
      space, [[change]], seen: seen, origin: Origin(replica: old, sequence: 1))
    guard case .accepted = try scene.second.push(space, [.segment(segment)])[0] else {
      Issue.record("what came back under another replica id was not let in")
      return
    }
    // Reading, it needs no other id.
    try scene.read(scene.second, home: old.home)
  }
}
