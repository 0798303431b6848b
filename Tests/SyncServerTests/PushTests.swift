import CBOR
import Merge
import Signing
import SyncProtocol
import Testing

@testable import SyncServer

@Suite struct PushTests {
  let clinic: Clinic
  let client: TestDevice
  var world: World { clinic.world }

  init() throws {
    clinic = try Clinic()
    client = clinic.client
  }

  private func isAccepted(_ verdict: PushVerdict) -> Bool {
    if case .accepted = verdict { true } else { false }
  }

  private func refusal(_ verdict: PushVerdict) -> Refusal.Code? {
    if case .refused(_, let refusal) = verdict { refusal.code } else { nil }
  }

  @Test func opensAVaultAndTakesItsCommits() throws {
    let vault = try clinic.vaultStatements(client)
    let segment = try client.segment(
      vault.space, [[clinic.newFolder(vault)], [clinic.newFolder(vault)]])
    let verdicts = try client.push(
      vault.space, [.statement(vault.opening), .statement(vault.epoch), .segment(segment)])
    // Before the opening stand the time and the device's certificate.
    #expect(verdicts == [3, 4, 5, 6].map { .accepted(Position($0)) })
    let entries = try TestReader(client).pull(vault.space)
    #expect(entries.count == 6)
    let reference = AuthorityReference.chain(
      .account(client.account), try world.head(.account(client.account)))
    #expect(entries[0] == .time(world.time.now))
    #expect(entries[1] == .authority(reference))
    #expect(entries[2] == .statement(vault.opening))
  }

  @Test func answersTheSamePushTheSameWay() throws {
    let vault = try clinic.vaultStatements(client)
    let good = try client.segment(vault.space, [[clinic.newFolder(vault)]])
    let bad = try client.segment(
      vault.space, [[clinic.newFolder(vault)]], time: world.time.now + 2 * hour * 1000)
    let items: [PushItem] = [
      .statement(vault.opening), .statement(vault.epoch), .segment(good), .segment(bad),
    ]
    let first = try client.push(vault.space, items)
    let position = try world.position(vault.space)
    world.time.pass(seconds: hour / 2)
    // The answer was lost, and the device sends the same again.
    #expect(try client.push(vault.space, items) == first)
    #expect(try world.position(vault.space) == position)
    #expect(try client.push(vault.space, [items[2]]) == [first[2]])
  }

  @Test func refusesAClockThatIsAheadAndGoesOn() throws {
    let vault = try clinic.openVault(client)
    let ahead = EncodedCommit(
      Commit(
        header: CommitHeader(
          time: HybridTime(milliseconds: world.time.now + 2 * hour * 1000, counter: 0),
          context: Context(position: .zero)),
        changes: [clinic.newFolder(vault)]))
    let good = EncodedCommit(
      Commit(
        header: CommitHeader(
          time: HybridTime(milliseconds: world.time.now, counter: 0),
          context: Context(position: .zero)),
        changes: [clinic.newFolder(vault)]))
    let segment = client.segment(
      vault.space, encoded: [good, ahead, try good.withOther(clinic, vault)])
    let verdicts = try client.push(vault.space, [.segment(segment)])
    let next = try world.position(vault.space).rawValue
    #expect(
      verdicts == [
        .accepted(Position(next - 2)),
        .refused(Position(next - 1), Refusal(.clockAhead, ["7200 s"])),
        .accepted(Position(next)),
      ])
    let entries = try TestReader(client).pull(vault.space)
    guard case .refusal(let origin, let commit, let refusal)? = entries.dropLast().last else {
      Issue.record("the refusal is in the log")
      return
    }
    #expect(origin.sequence == 2)
    #expect(refusal.code == .clockAhead)
    // The log holds no sealed values of what was refused, only their hash.
    #expect(commit.sealed == nil)
    #expect(commit.contentHash == ahead.contentHash)
  }

  @Test func refusesWhatCannotBeRead() throws {
    let vault = try clinic.openVault(client)
    let empty = CBORValue.array([]).encoded
    let commits = [
      EncodedCommit(header: empty, keys: empty, open: empty, sealed: empty),
      EncodedCommit(
        header: CBORValue.text("no").encoded, keys: CBORValue.null.encoded, open: empty,
        sealed: empty),
    ]
    let segment = client.segment(vault.space, encoded: commits)
    let verdicts = try client.push(vault.space, [.segment(segment)])
    #expect(verdicts.map(refusal) == [.malformed, .malformed])
    #expect(isAccepted(try client.write(vault.space, [clinic.newFolder(vault)])))
    try TestReader(client).pull(vault.space)
  }

  @Test func refusesAnotherCommitUnderAKnownNumber() throws {
    let vault = try clinic.openVault(client)
    try client.write(vault.space, [clinic.newFolder(vault)])
    let known = client.journals[vault.space]
    // A copied home writes on from the same place.
    client.journals[vault.space] = nil
    let forked = try client.segment(vault.space, [[clinic.newFolder(vault)]])
    #expect(throws: ErrorCode.journalForked) {
      try client.push(vault.space, [.segment(forked)])
    }
    client.journals[vault.space] = JournalPoint(sequence: 1, hash: Hasher256.content([1]))
    let hanging = try client.segment(vault.space, [[clinic.newFolder(vault)]])
    #expect(throws: ErrorCode.journalForked) {
      try client.push(vault.space, [.segment(hanging)])
    }
    let request = JournalRequest(space: vault.space, replica: client.replica, sequence: 99)
    let answer = try client.call(Path.journal, request, JournalResponse.self)
    #expect(answer.point == known)
  }

  @Test func defersAfterAGap() throws {
    let vault = try clinic.openVault(client)
    let first = try client.segment(vault.space, [[clinic.newFolder(vault)]])
    let second = try client.segment(vault.space, [[clinic.newFolder(vault)]])
    let position = try world.position(vault.space)
    #expect(try client.push(vault.space, [.segment(second)]) == [.deferred(.gap)])
    #expect(try world.position(vault.space) == position)
    let verdicts = try client.push(vault.space, [.segment(first), .segment(second)])
    #expect(verdicts.map(isAccepted) == [true, true])
  }

  @Test func stopsAtADeferredCommit() throws {
    let vault = try clinic.openVault(client)
    let blob = world.time.bytes(10)
    let file = try clinic.newFile(vault, by: client, blobs: [blob], storing: false)
    let segment = try client.segment(
      vault.space, [[clinic.newFolder(vault)], file.changes, [clinic.newFolder(vault)]])
    let later = try client.segment(vault.space, [[clinic.newFolder(vault)]])
    let items: [PushItem] = [.segment(segment), .segment(later)]
    let verdicts = try client.push(vault.space, items)
    #expect(verdicts.map(isAccepted) == [true, false])
    #expect(verdicts.last == .deferred(.objectMissing))
    // What was accepted can be checked, though the signature covers more.
    #expect(try TestReader(client).pull(vault.space).count == 5)

    try client.putBlob(blob)
    #expect(try client.push(vault.space, items).last == .deferred(.objectMissing))
    try client.store([file.wrap], for: vault.space)
    let all = try client.push(vault.space, items)
    #expect(all.map(isAccepted) == [true, true, true, true])
    #expect(all.first == verdicts.first)
    #expect(try TestReader(client).pull(vault.space).count == 8)
  }

  @Test func holdsAnAuthorToWhatItSigned() throws {
    let vault = try clinic.openVault(client)
    let file = try clinic.newFile(vault, by: client, blobs: [[1]], storing: false)
    let segment = try client.segment(vault.space, [[clinic.newFolder(vault)], file.changes])
    _ = try client.push(vault.space, [.segment(segment)])
    // The deferred commit was signed; another under its number is a fork.
    client.journals[vault.space] = segment.points(in: vault.space)[0]
    let other = try client.segment(vault.space, [[clinic.newFolder(vault)]])
    #expect(throws: ErrorCode.journalForked) { try client.push(vault.space, [.segment(other)]) }
    try TestReader(client).pull(vault.space)
  }

  @Test func defersWhatIsOfANewerSchema() throws {
    let vault = try clinic.openVault(client)
    let change = RecordChange(
      type: "hologram", record: clinic.newRecord(), operation: .create,
      writes: [FieldWrite(key: "name", value: .text("x"))])
    #expect(try client.write(vault.space, [change]) == .deferred(.schemaOlder))
  }

  @Test func defersAnEpochWithoutItsWraps() throws {
    let vault = try clinic.vaultStatements(client)
    let wrap = world.time.bytes(100)
    let named = try #require(Bytes32(client.account.bytes)).wrap(of: wrap)
    let epoch = client.sign(
      .epoch(EpochStatement(commitment: .zero, wraps: [named])), .space(vault.space))
    let folder = try client.segment(vault.space, [[clinic.newFolder(vault)]])
    let items: [PushItem] = [.statement(vault.opening), .statement(epoch), .segment(folder)]
    let verdicts = try client.push(vault.space, items)
    #expect(verdicts.map(isAccepted) == [true, false])
    #expect(verdicts.last == .deferred(.objectMissing))
    try client.store([wrap], for: vault.space)
    #expect(isAccepted(try client.push(vault.space, items)[1]))
  }

  @Test func wantsTheJournalsOwnSignature() throws {
    let vault = try clinic.openVault(client)
    let segment = try client.segment(vault.space, [[clinic.newFolder(vault)]])
    let other = try client.segment(vault.space, [[clinic.newFolder(vault)]])
    let altered = JournalSegment(
      replica: segment.replica, after: segment.after, commits: segment.commits,
      signature: other.signature)
    #expect(throws: ErrorCode.badSignature) {
      try client.push(vault.space, [.segment(altered)])
    }
    #expect(throws: ErrorCode.notAllowed) {
      try clinic.practitioner.push(vault.space, [.segment(segment)])
    }
  }

  @Test func keepsStrangersOutOfALog() throws {
    let vault = try clinic.openVault(client)
    let position = try world.position(vault.space)
    let stranger = clinic.practitioner
    #expect(throws: ErrorCode.notAllowed) {
      try stranger.write(vault.space, [clinic.newFolder(vault)])
    }
    // A statement is refused, and leaves nothing behind.
    world.time.pass(seconds: 60)
    let epoch = try clinic.epoch(
      clinic.newSpace(), by: stranger, for: [client.account.bytes],
      previous: vault.epoch.hash)
    let moved = stranger.sign(epoch.statement.body, .space(vault.space), previous: vault.epoch.hash)
    let verdicts = try stranger.push(vault.space, [.statement(moved)])
    #expect(verdicts.map(refusal) == [.deviceUnknown])
    #expect(throws: ErrorCode.notAllowed) {
      try client.push(vault.space, [.statement(moved)])
    }
    #expect(try world.position(vault.space) == position)
  }

  @Test func leavesNothingOfARefusedOpening() throws {
    let space = clinic.newSpace()
    let opening = SpaceOpening(
      kind: .vault, members: [try world.member(client.account, .owner)])
    let signed = client.sign(.spaceOpening(opening), .space(space))
    let folder = try client.segment(space, [[clinic.newFolder(clinic.vaultStatements(client))]])
    let verdicts = try client.push(space, [.statement(signed), .segment(folder)])
    #expect(verdicts.map(refusal) == [.malformed])
    #expect(throws: ErrorCode.notFound) { try client.push(space, [.segment(folder)]) }
    let counts = try world.server.inspect { core in
      try ["space", "log", "space_link", "authority", "feed"].map { table in
        try core.database.first("SELECT COUNT(*) FROM \(table) WHERE 1") { $0.integer(0) }
      }
    }
    #expect(counts == [0, 0, 0, 0, 0])
  }

  @Test func opensASpaceOnce() throws {
    let vault = try clinic.openVault(client)
    world.time.pass(seconds: 5)
    let second = try clinic.vaultStatements(client)
    let verdicts = try client.push(
      vault.space, [.statement(second.opening), .statement(second.epoch)])
    #expect(verdicts.map(refusal) == [.spaceExists, .epochSuperseded])
    let folder = try client.write(vault.space, [clinic.newFolder(vault)])
    #expect(isAccepted(folder))
  }

  @Test func neverTurnsItsTimeBack() throws {
    let vault = try clinic.openVault(client)
    let before = try world.state(vault.space).timeMilliseconds
    world.time.goBack(seconds: hour)
    try client.write(vault.space, [clinic.newFolder(vault)])
    #expect(try world.state(vault.space).timeMilliseconds == before)
    world.time.pass(seconds: hour + 10)
    try client.write(vault.space, [clinic.newFolder(vault)])
    #expect(try world.state(vault.space).timeMilliseconds == before + 10_000)
  }

  @Test func letsARevocationPassWhatHasToWait() throws {
    let engagement = try clinic.engage()
    let share = try clinic.share(engagement)
    let missing = Clinic.Share(record: clinic.newRecord(), wrap: [1], blobs: [[9]])
    let waiting = clinic.shareChange(engagement, missing, access: clinic.access("active"))
    let revoking = RecordChange(
      type: "share", record: share.record, operation: .update,
      writes: [FieldWrite(key: "access", value: clinic.access("revoked"))])
    let segment = try client.segment(
      engagement.space, [[waiting], [waiting], [revoking], [waiting], [waiting]])
    let verdicts = try client.push(engagement.space, [.segment(segment)])
    #expect(verdicts.map(refusal) == [.heldUpRestriction, .heldUpRestriction, nil, nil])
    #expect(isAccepted(verdicts[2]))
    #expect(verdicts[3] == .deferred(.objectMissing))
    #expect(try clinic.practitioner.fetch([share.hash], .space(engagement.space)) == [nil])
    let reader = try TestReader(client)
    try reader.pull(engagement.assignment.space)
    try reader.pull(engagement.space)
  }
}

extension EncodedCommit {
  /// Another commit with the same header.
  fileprivate func withOther(_ clinic: Clinic, _ vault: Clinic.Vault) throws -> EncodedCommit {
    EncodedCommit(Commit(header: try decodedHeader(), changes: [clinic.newFolder(vault)]))
  }
}

extension Bytes32 {
  fileprivate func wrap(of bytes: [UInt8]) -> EpochStatement.Wrap {
    EpochStatement.Wrap(recipient: self, hash: Hasher256.content(bytes))
  }
}
