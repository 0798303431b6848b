import CBOR
import Foundation
import Merge
import Signing
import SyncProtocol
import TestSupport
import Testing

@testable import SyncServer

/// Who gets the server's share of an emergency deposit, and for how long.
@Suite struct EmergencyTests {
  let clinic: Clinic
  let casework: Clinic.Casework
  let vault: Clinic.Vault
  let share: [UInt8]
  let deposit: RecordID
  var world: World { clinic.world }
  var client: TestDevice { clinic.client }
  var staff: TestDevice { clinic.practitioner }

  init() throws { try self.init(Clinic()) }

  private init(_ clinic: Clinic) throws {
    self.clinic = clinic
    casework = try clinic.openCasework()
    vault = try clinic.openVault(clinic.client)
    share = clinic.time.bytes(32)
    deposit = clinic.newRecord()
    try clinic.client.store([share], for: casework.space)
    #expect(try isAccepted(clinic.client.write(casework.space, [creation])))
  }

  private var creation: RecordChange {
    RecordChange(
      type: EmergencyRules.deposit, record: deposit, operation: .create,
      writes: [
        FieldWrite(key: "epoch", value: .bytes(vault.epoch.hash.bytes)),
        FieldWrite(key: "key_generation", value: .unsigned(0)),
        FieldWrite(key: "box", value: .bytes([1, 2, 3])),
        FieldWrite(key: "share", value: .bytes(Hasher256.content(share).bytes)),
        FieldWrite(key: "state", value: .text("active")),
      ])
  }

  private func update(_ writes: FieldWrite...) -> RecordChange {
    RecordChange(
      type: EmergencyRules.deposit, record: deposit, operation: .update, writes: writes)
  }

  private func access(hours: UInt64, reason: Bool = true) -> RecordChange {
    let until = Int64(world.time.now + hours * 3_600_000)
    let value = CBORMap([(.text("kind"), .text("medical")), (.text("until"), .integer(until))])
    let access = FieldWrite(key: "access", value: .map(value))
    return reason
      ? update(
        access, FieldWrite(key: "reason", value: clinic.sealed(casework.epoch), sealed: true))
      : update(access)
  }

  private func withdrawal() -> RecordChange {
    update(FieldWrite(key: "state", value: .text("withdrawn")))
  }

  private func isAccepted(_ verdict: PushVerdict) -> Bool {
    if case .accepted = verdict { true } else { false }
  }

  private func refusal(_ verdict: PushVerdict) -> Refusal.Code? {
    if case .refused(_, let refusal) = verdict { refusal.code } else { nil }
  }

  private func isReleased(to device: TestDevice) throws -> Bool {
    try device.logIn()
    return try device.fetch([Hasher256.content(share)], .space(casework.space)) == [share]
  }

  private func mayReadVault(_ device: TestDevice) throws -> Bool {
    let request = PullRequest(
      space: vault.space, incarnation: 0, after: .zero, byteCountMax: 1 << 20)
    do {
      _ = try device.call(Path.pull, request, LogPage.self)
      return true
    } catch ErrorCode.notAllowed {
      return false
    }
  }

  private func isDestroyed() throws -> Bool {
    try world.server.inspect { core in
      try !WrapTable(database: core.database).contains(
        .space(casework.space), Hasher256.content(share))
    }
  }

  // MARK: Who

  @Test func releasesNothingBeforeItIsRecorded() throws {
    for device in [staff, clinic.admin] {
      #expect(try !isReleased(to: device))
      #expect(try !mayReadVault(device))
    }
    // The client made the share, and may see whether it is there.
    #expect(try isReleased(to: client))
    #expect(try isAccepted(staff.write(casework.space, [access(hours: 24)])))
    #expect(try isReleased(to: staff))
    #expect(try mayReadVault(staff))
  }

  @Test func releasesToWhoeverOpenedItAndToNobodyElse() throws {
    let colleague = try clinic.join(.practitioner)
    try clinic.propose(colleague, for: casework.team)
    try clinic.admit(colleague, to: casework.team, by: staff)
    try staff.write(casework.space, [access(hours: 2)])
    #expect(try isReleased(to: staff))
    for device in [colleague, clinic.admin] {
      #expect(try !isReleased(to: device))
      #expect(try !mayReadVault(device))
    }
    try staff.logIn(.pull)
    #expect(try staff.fetch([Hasher256.content(share)], .space(casework.space)) == [nil])
    let audited = try world.server.inspect { core in
      try core.database.rows(
        "SELECT DISTINCT outcome FROM access_audit WHERE action LIKE 'emergency-%' ORDER BY outcome"
      ) { $0.text(0) }
    }
    #expect(audited == ["granted", "not-opener"])
  }

  @Test func letsFilesBeReadWhileItIsOpen() throws {
    let file = try clinic.newFile(vault, by: client, blobs: [[1, 2, 3]])
    try client.write(vault.space, file.changes)
    let blob = Path.blob(space: vault.space.hex, hash: Hasher256.content([1, 2, 3]).hex)
    #expect(throws: ErrorCode.notAllowed) { try staff.send(.get, blob) }
    try staff.write(casework.space, [access(hours: 2)])
    #expect(try staff.send(.get, blob) == [1, 2, 3])
    let wrap = Hasher256.content(file.wrap)
    #expect(try staff.fetch([wrap], .space(vault.space)) == [file.wrap])
    world.time.pass(seconds: 7200)
    try staff.logIn()
    #expect(throws: ErrorCode.notAllowed) { try staff.send(.get, blob) }
    #expect(try staff.fetch([wrap], .space(vault.space)) == [nil])
  }

  // MARK: What the log takes

  @Test func refusesWhatTheLogDoesNotAllow() throws {
    #expect(refusal(try client.write(casework.space, [access(hours: 1)])) == .notAllowed)
    #expect(refusal(try staff.write(casework.space, [access(hours: 25)])) == .valueInvalid)
    #expect(refusal(try staff.write(casework.space, [access(hours: 0)])) == .valueInvalid)
    #expect(
      refusal(try staff.write(casework.space, [access(hours: 1, reason: false)]))
        == .requiredMissing)
    let closing = update(FieldWrite(key: "closed", value: .integer(1)))
    #expect(refusal(try staff.write(casework.space, [closing])) == .transitionNotAllowed)
    #expect(try isAccepted(staff.write(casework.space, [access(hours: 1)])))
  }

  @Test func refusesWhatWasWithdrawn() throws {
    #expect(try isAccepted(client.write(casework.space, [withdrawal()])))
    #expect(try isDestroyed())
    #expect(refusal(try staff.write(casework.space, [access(hours: 1)])) == .shareInactive)
  }

  // MARK: The end

  @Test func endsByItself() throws {
    try staff.write(casework.space, [access(hours: 24)])
    world.time.pass(seconds: 24 * 3600 - 1)
    #expect(try isReleased(to: staff))
    world.time.pass(seconds: 1)
    #expect(try !isReleased(to: staff))
    #expect(try isDestroyed())
  }

  @Test func isDestroyedWhenNobodyAsks() throws {
    try staff.write(casework.space, [access(hours: 1)])
    world.time.pass(seconds: 3600)
    try world.server.collectGarbage()
    #expect(try isDestroyed())
  }

  @Test func isNotRenewed() throws {
    try staff.write(casework.space, [access(hours: 1)])
    #expect(refusal(try staff.write(casework.space, [access(hours: 2)])) == .alreadyWritten)
    world.time.pass(seconds: 3600)
    try staff.logIn()
    #expect(refusal(try staff.write(casework.space, [access(hours: 2)])) == .alreadyWritten)
    #expect(try !isReleased(to: staff))
  }

  @Test(arguments: [true, false]) func isClosedByHand(byStaff: Bool) throws {
    try staff.write(casework.space, [access(hours: 24)])
    let closing = update(FieldWrite(key: "closed", value: .integer(1)))
    #expect(try isAccepted((byStaff ? staff : client).write(casework.space, [closing])))
    #expect(try isDestroyed())
    #expect(try !isReleased(to: staff))
    #expect(try !mayReadVault(staff))
  }

  @Test func endsWhereTheClockIsSetBack() throws {
    try staff.write(casework.space, [access(hours: 2)])
    world.time.pass(seconds: 3600)
    #expect(try isReleased(to: staff))
    world.time.goBack(seconds: 1800)
    #expect(try !isReleased(to: staff))
    // Nor does it come back when the clock is right again.
    world.time.pass(seconds: 1800)
    #expect(try !isReleased(to: staff))
    #expect(try isDestroyed())
  }

  /// However often, and by however little: the hours that were asked for are those that pass.
  @Test(arguments: [UInt64(10), 59, 290]) func aClockThatGoesBackALittleGivesNoMore(
    seconds: UInt64
  ) throws {
    try staff.write(casework.space, [access(hours: 1)])
    var passed: UInt64 = 0
    while passed + 600 < 3600 {
      world.time.pass(seconds: 600)
      passed += 600
      try world.server.watchEmergencies()
      #expect(try isReleased(to: staff))
      world.time.goBack(seconds: seconds)
      try world.server.watchEmergencies()
    }
    world.time.pass(seconds: 3599 - passed)
    #expect(try isReleased(to: staff))
    world.time.pass(seconds: 1)
    #expect(try !isReleased(to: staff))
    #expect(try isDestroyed())
  }

  /// What was held against one emergency is not held against the next.
  @Test func theNextEmergencyBeginsByTheClock() throws {
    try staff.write(casework.space, [access(hours: 1)])
    world.time.pass(seconds: 600)
    try world.server.watchEmergencies()
    world.time.goBack(seconds: 200)
    try world.server.watchEmergencies()
    let delay = try world.server.inspect { try ServerSetting.emergencyDelay.value(in: $0.database) }
    #expect(delay == 200_000)
    let closing = update(FieldWrite(key: "closed", value: .integer(1)))
    try staff.write(casework.space, [closing])
    try world.server.watchEmergencies()
    let after = try world.server.inspect { try ServerSetting.emergencyDelay.value(in: $0.database) }
    #expect(after == 0)
  }

  @Test func endsAcrossARestart() throws {
    let folder = try TemporaryFolder()
    let directory = folder.path + "/server"
    let tests = try Self(Clinic(World(directory: directory)))
    try tests.staff.write(tests.casework.space, [tests.access(hours: 2)])
    tests.world.time.pass(seconds: 3600)
    try tests.world.restart(directory: directory)
    #expect(try tests.isReleased(to: tests.staff))
    tests.world.time.pass(seconds: 3600)
    try tests.world.restart(directory: directory)
    #expect(try !tests.isReleased(to: tests.staff))
    #expect(try tests.isDestroyed())
  }
}
