import Database
import Merge
import Signing
import SyncProtocol
import Testing

@testable import SyncServer

/// The process ends, or the disk fills, around a commit of the database.
@Suite struct CrashTests {
  private struct Crash: Error {}

  private func crash(_ world: World, at event: TransactionEvent?) {
    world.server.inspect { core in
      core.database.onTransactionBoundary =
        event.map { event in { if $0 == event { throw Crash() } } }
    }
  }

  /// Whether the answer was lost before or after the commit: the same push again has the verdicts of
  /// one push.
  @Test(arguments: [TransactionEvent.willCommit, .didCommit])
  func losesNothingAndDoublesNothing(event: TransactionEvent) throws {
    let clinic = try Clinic()
    let casework = try clinic.openCasework()
    let before = try clinic.world.position(casework.space)
    let segment = try clinic.client.segment(
      casework.space, [[clinic.newTicket(casework)], [clinic.newTicket(casework)]])
    crash(clinic.world, at: event)
    #expect(throws: ErrorCode.serverFault) {
      try clinic.client.push(casework.space, [.segment(segment)])
    }
    crash(clinic.world, at: nil)
    let kept = try clinic.world.position(casework.space)
    #expect((kept == before) == (event == .willCommit))
    let verdicts = try clinic.client.push(casework.space, [.segment(segment)])
    // A ticket and its number each.
    #expect(verdicts == [1, 3].map { .accepted(Position(before.rawValue + $0)) })
    #expect(try clinic.world.position(casework.space).rawValue == before.rawValue + 4)
    try TestReader(clinic.practitioner).pull(casework.space)
  }

  @Test(arguments: [TransactionEvent.willCommit, .didCommit])
  func makesAnAccountOnce(event: TransactionEvent) throws {
    let world = try World()
    let device = TestDevice(world)
    let request = try world.accountRequest(device, world.invitation)
    crash(world, at: event)
    #expect(throws: ErrorCode.serverFault) { try device.post(Path.accounts, request) }
    crash(world, at: nil)
    let head = try device.call(Path.accounts, request, SignedChainHead.self)
    device.account = AccountID(head.point.hash)
    try device.logIn()
  }

  @Test(arguments: [TransactionEvent.willCommit, .didCommit])
  func growsAChainOnce(event: TransactionEvent) throws {
    let clinic = try Clinic()
    let third = try clinic.world.join(
      clinic.world.invite(.client, by: clinic.admin, clinic.organisation))
    let chain = ChainReference.organisation(clinic.organisation)
    let head = try clinic.world.head(chain)
    let member = OrganisationMember(
      account: third.account, accountHead: try clinic.world.head(.account(third.account)),
      role: .client, name: nil)
    let signed = clinic.admin.sign(
      .organisationMember(member), .chain(chain), index: head.index + 1, previous: head.hash)
    let request = ChainAppendRequest(chain: chain, statement: signed, wraps: [])
    crash(clinic.world, at: event)
    #expect(throws: ErrorCode.serverFault) { try clinic.admin.post(Path.chainAppend, request) }
    crash(clinic.world, at: nil)
    #expect(try clinic.world.head(chain).index == head.index + (event == .willCommit ? 0 : 1))
    let answer = try clinic.admin.call(Path.chainAppend, request, SignedChainHead.self)
    #expect(answer.point == signed.point)
    #expect(try clinic.world.head(chain) == signed.point)
  }

  @Test func releasesNothingThatItCannotAudit() throws {
    let clinic = try Clinic()
    let engagement = try clinic.engage()
    let share = try clinic.share(engagement)
    crash(clinic.world, at: .willCommit)
    #expect(throws: ErrorCode.serverFault) {
      try clinic.practitioner.fetch([share.hash], .space(engagement.space))
    }
    #expect(throws: ErrorCode.serverFault) {
      try clinic.getShareBlob(engagement, share, 0, by: clinic.practitioner)
    }
  }

  @Test func saysThatTheDiskIsFullAndGoesOn() throws {
    let time = VirtualTime(seed: 4)
    var options = SQLiteDatabase.Options()
    options.pageCountMax = 100
    let keys = ServerKeys(random: time)
    let server = try SyncServer(
      database: SQLiteDatabase.inMemory(options: options), blobs: MemoryBlobStorage(), keys: keys,
      environment: time.environment, options: .init())
    let world = try World(server: server, time: time)
    let device = try world.join(world.invitation)
    var stored = 0
    #expect(throws: ErrorCode.storageFull) {
      for _ in 0..<1000 {
        try device.store([time.bytes(1000)], for: device.vault)
        stored += 1
      }
    }
    #expect(stored > 0)
    try device.post(Path.feed, FeedRequest(after: 0))
    let kept = try server.inspect {
      try $0.database.first("SELECT COUNT(*) FROM wrap WHERE named = 0") { $0.integer(0) }
    }
    #expect(kept == Int64(stored))
  }
}
