import Foundation
import Merge
import Signing
import SyncProtocol
import TestSupport
import Testing

@testable import SyncServer

/// What a server does to come back from a backup, asked by devices that sign by hand.
@Suite struct RecoveryTests {
  private func withheld(_ world: World) throws {
    try world.server.inspect { try $0.beginIncarnation(isWithholding: true) }
  }

  private func fetch(
    _ share: Clinic.Share, _ engagement: Clinic.Engagement, by device: TestDevice
  ) throws -> [UInt8]? {
    try device.fetch([share.hash], .space(engagement.space))[0]
  }

  private func page(_ space: SpaceID, after: UInt64, by device: TestDevice) throws -> LogPage {
    try device.call(
      Path.pull,
      PullRequest(space: space, incarnation: 0, after: Position(after), byteCountMax: 1 << 20),
      LogPage.self)
  }

  private func heads(_ head: SignedLogHead, by device: TestDevice) throws -> [SignedLogHead] {
    try device.call(
      Path.heads, HeadsRequest(standings: [.init(head: head, past: [])]), HeadsResponse.self
    ).bases
  }

  @Test func sharesWaitForTheClient() throws {
    let clinic = try Clinic()
    let (world, client, practitioner) = (clinic.world, clinic.client, clinic.practitioner)
    let engagement = try clinic.engage()
    let share = try clinic.share(engagement)
    world.time.pass(seconds: 60)
    try withheld(world)
    #expect(try fetch(share, engagement, by: practitioner) == nil)
    #expect(throws: ErrorCode.shareWithheld) {
      try clinic.getShareBlob(engagement, share, 0, by: practitioner)
    }
    // The practitioner's own coming changes nothing.
    let last = try page(engagement.space, after: 0, by: practitioner)
    #expect(try heads(last.head, by: practitioner) == [])
    #expect(try fetch(share, engagement, by: practitioner) == nil)
    #expect(try heads(last.head, by: client) == [])
    #expect(try fetch(share, engagement, by: practitioner) == share.wrap)
  }

  @Test func aHeadThatIsOnTheLogBeginsNothing() throws {
    let clinic = try Clinic()
    let engagement = try clinic.engage()
    let last = try page(engagement.space, after: 0, by: clinic.client)
    #expect(try heads(last.head, by: clinic.client) == [])
    #expect(try clinic.world.server.inspect { try $0.incarnation() } == 0)
  }

  @Test func onlyTheOwnSignatureCounts() throws {
    let clinic = try Clinic()
    let engagement = try clinic.engage()
    let other = SigningKey(random: clinic.world.time)
    let head = LogHead(
      space: engagement.space, incarnation: 0, position: Position(9999), hash: .zero)
    #expect(throws: ErrorCode.badSignature) {
      try heads(SignedLogHead(head: head, timeMilliseconds: 1, key: other), by: clinic.client)
    }
    let page = LogPage(
      after: .zero, entries: [], tails: [],
      head: SignedLogHead(head: head, timeMilliseconds: 1, key: other), last: .zero)
    #expect(throws: ErrorCode.badSignature) {
      try clinic.client.call(
        Path.recover, RecoverRequest(incarnation: 0, page: page), RecoverResponse.self)
    }
    #expect(try clinic.world.server.inspect { try $0.incarnation() } == 0)
  }

  /// What the key has signed and the log does not have was lost, whoever shows it.
  @Test func aLostHeadBeginsAnIncarnation() throws {
    let clinic = try Clinic()
    let engagement = try clinic.engage()
    let world = clinic.world
    let position = try world.position(engagement.space)
    let head = LogHead(
      space: engagement.space, incarnation: 0, position: Position(position.rawValue + 5),
      hash: .zero)
    let signed = world.server.inspect {
      SignedLogHead(head: head, timeMilliseconds: 1, key: $0.keys.log)
    }
    let bases = try heads(signed, by: clinic.client)
    #expect(bases.map(\.head.position) == [position])
    #expect(bases.map(\.head.incarnation) == [0])
    let number = try world.server.inspect { try $0.incarnation() }
    #expect(number > 0)
    #expect(try world.state(engagement.space).incarnation == number)
    #expect(try world.state(engagement.space).past(0)?.base == position)
    let lost = try world.server.lostRanges()
    #expect(lost.map(\.first) == [position.next])
    #expect(lost.map(\.last) == [head.position])
    // Shown again, it begins no other.
    _ = try heads(signed, by: clinic.practitioner)
    #expect(try world.server.inspect { try $0.incarnation() } == number)
    // A page that does not lead from the log to its head is not taken.
    let page = LogPage(
      after: position, entries: [.time(5)], tails: [], head: signed, last: head.position)
    #expect(throws: ErrorCode.notFound) {
      try clinic.client.call(
        Path.recover, RecoverRequest(incarnation: 0, page: page), RecoverResponse.self)
    }
  }

  @Test func aBackupIsConsistentAndSaysWhatItLacks() throws {
    let folder = try TemporaryFolder()
    let (data, backup) = ("\(folder.path)/data", "\(folder.path)/backup")
    let world = try World(directory: data)
    let clinic = try Clinic(world)
    try SyncServer.backUp(directory: data, to: backup)
    #expect(try SyncServer.loss(directory: data, from: backup)?.isNothing == true)
    let engagement = try clinic.engage()
    let loss = try #require(try SyncServer.loss(directory: data, from: backup))
    #expect(loss.accountCount == 0)
    #expect(loss.spaceCount == 2)
    #expect(loss.entryCount > 4)
    #expect(throws: ServerError.inUse) {
      try SyncServer.restore(
        directory: data, from: backup, environment: world.time.environment)
    }
    try world.server.close()
    let elsewhere = "\(folder.path)/elsewhere"
    #expect(try SyncServer.loss(directory: elsewhere, from: backup) == nil)
    try SyncServer.restore(
      directory: elsewhere, from: backup, environment: world.time.environment)
    let restored = try SyncServer(directory: elsewhere, environment: world.time.environment)
    #expect(restored.certificate == world.server.certificate)
    #expect(try restored.inspect { try $0.incarnation() } > 0)
    #expect(try restored.inspect { try $0.openedState(engagement.space) } == nil)
    try restored.close()
  }

  @Test func aCopiedFileIsNoticed() throws {
    let folder = try TemporaryFolder()
    let (data, other) = ("\(folder.path)/data", "\(folder.path)/other")
    let environment = VirtualTime(seed: 1).environment
    var options = SyncServer.Options()
    options.noticesCopies = true
    _ = try SyncServer.initialize(directory: data, environment: environment)
    func incarnation() throws -> UInt64 {
      let server = try SyncServer(
        directory: data, environment: environment, options: options)
      let number = try server.inspect { try $0.incarnation() }
      try server.close()
      return number
    }
    #expect(try incarnation() == 0)
    #expect(try incarnation() == 0)
    try FileManager.default.copyItem(atPath: data, toPath: other)
    try FileManager.default.removeItem(atPath: data)
    try FileManager.default.moveItem(atPath: other, toPath: data)
    let noticed = try incarnation()
    #expect(noticed > 0)
    #expect(try incarnation() == noticed)
  }

  /// A data directory whose server has ended in one way or another, and what its next one goes on as.
  private func incarnation(after end: (_ data: String) throws -> Void) throws -> UInt64 {
    let folder = try TemporaryFolder()
    let data = "\(folder.path)/data"
    let environment = VirtualTime(seed: 1).environment
    var options = SyncServer.Options()
    options.noticesCopies = true
    _ = try SyncServer.initialize(directory: data, environment: environment)
    try FileManager.default.copyItem(atPath: data, toPath: "\(data).copy")
    func serve<Result>(_ body: (SyncServer) throws -> Result) throws -> Result {
      let server = try SyncServer(directory: data, environment: environment, options: options)
      let result = try body(server)
      try server.close()
      return result
    }
    try serve { _ = try $0.inviteFirstAdministrator() }
    try end(data)
    return try withExtendedLifetime(folder) {
      try serve { try $0.inspect { try $0.incarnation() } }
    }
  }

  @Test func aServerThatWasKilledGoesOn() throws {
    let number = try incarnation { data in
      // What a killed process leaves behind: the last transactions in the write-ahead log only.
      let environment = VirtualTime(seed: 2).environment
      let killed = try SyncServer(directory: data, environment: environment)
      _ = try killed.inviteFirstAdministrator()
      for file in ["server.db", "server.db-wal", "server.mark"] {
        #expect(FileManager.default.fileExists(atPath: "\(data)/\(file)"))
      }
      let wal = try Data(contentsOf: URL(filePath: "\(data)/server.db-wal"))
      let database = try Data(contentsOf: URL(filePath: "\(data)/server.db"))
      #expect(!wal.isEmpty)
      try killed.close()
      try database.write(to: URL(filePath: "\(data)/server.db"))
      try wal.write(to: URL(filePath: "\(data)/server.db-wal"))
    }
    #expect(number == 0)
  }

  @Test func anOlderDatabaseInItsPlaceIsNoticed() throws {
    let number = try incarnation { data in
      let older = try Data(contentsOf: URL(filePath: "\(data).copy/server.db"))
      try older.write(to: URL(filePath: "\(data)/server.db"))
    }
    #expect(number > 0)
  }

  @Test func aDirectoryThatIsOverwrittenInPlaceIsNoticed() throws {
    let number = try incarnation { data in
      let older = try Data(contentsOf: URL(filePath: "\(data).copy/server.db"))
      try older.write(to: URL(filePath: "\(data)/server.db"))
      // The mark as it was two minutes ago.
      let mark = URL(filePath: "\(data)/server.mark")
      var words = try String(contentsOf: mark, encoding: .utf8).split(separator: " ")
      let seconds = try #require(Double(words[3].trimmingCharacters(in: .whitespaces)))
      words[0] = "1"
      words[3] = "\(seconds - 120)"
      try Data(words.joined(separator: " ").utf8).write(to: mark)
    }
    #expect(number > 0)
  }
}
