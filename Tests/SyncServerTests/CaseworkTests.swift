import CBOR
import Merge
import Signing
import SpaceStore
import SyncProtocol
import Testing

@testable import SyncServer

@Suite struct CaseworkTests {
  let clinic: Clinic
  let casework: Clinic.Casework
  var world: World { clinic.world }

  init() throws {
    clinic = try Clinic()
    casework = try clinic.openCasework()
  }

  private func refusal(_ verdict: PushVerdict) -> Refusal.Code? {
    if case .refused(_, let refusal) = verdict { refusal.code } else { nil }
  }

  private func ticket(_ record: RecordID, in reader: TestReader) throws -> RecordState {
    let number = try reader.store.number(of: casework.space)
    return try reader.store.tables.shownState(
      RowKey(space: number, type: "ticket", record: record))
  }

  @Test func numbersTicketsRightAfterTheirCreation() throws {
    let tickets = (0..<3).map { _ in clinic.newRecord() }
    let verdicts = try tickets.enumerated().map { index, record in
      let author = index == 1 ? clinic.practitioner : clinic.client
      return try author.write(casework.space, [clinic.newTicket(casework, record)])
    }
    let reader = try TestReader(clinic.client)
    let entries = try reader.pull(casework.space)
    let server = ReplicaID(device: world.server.certificate.device, home: 0)
    for (index, record) in tickets.enumerated() {
      guard case .accepted(let position) = verdicts[index] else {
        Issue.record("the ticket is accepted")
        continue
      }
      // The entry at a position has the index before it.
      let origin = Origin(replica: server, sequence: UInt64(index + 1))
      #expect(entries[Int(position.rawValue)].journalOrigin == origin)
      let number = try ticket(record, in: reader).registers["number"]?.siblings.first?.value
      #expect(number == .unsigned(UInt64(index + 1)))
    }
  }

  @Test func numbersAllTicketsOfOneCommit() throws {
    let tickets = (0..<3).map { _ in clinic.newRecord() }
    try clinic.client.write(casework.space, tickets.map { clinic.newTicket(casework, $0) })
    let reader = try TestReader(clinic.practitioner)
    try reader.pull(casework.space)
    let numbers = try tickets.compactMap {
      try ticket($0, in: reader).registers["number"]?.siblings.first?.value.integer
    }
    #expect(numbers == [1, 2, 3])
  }

  @Test func letsNobodyElseNumber() throws {
    var change = clinic.newTicket(casework)
    change = RecordChange(
      type: change.type, record: change.record, operation: .create,
      writes: change.writes + [FieldWrite(key: "number", value: .unsigned(7))])
    #expect(refusal(try clinic.client.write(casework.space, [change])) == .notAllowed)
  }

  @Test func keepsConcurrentValuesForEverybody() throws {
    let record = clinic.newRecord()
    try clinic.client.write(casework.space, [clinic.newTicket(casework, record)])
    let seen = try world.position(casework.space)
    try clinic.practitioner.write(
      casework.space, [clinic.setSeverity(record, "critical")], seen: seen)
    try clinic.client.write(casework.space, [clinic.setSeverity(record, "major")], seen: seen)
    let states = try [clinic.client, clinic.practitioner].map { device in
      let reader = try TestReader(device)
      try reader.pull(casework.space)
      return try ticket(record, in: reader)
    }
    #expect(states[0] == states[1])
    #expect(states[0].registers["severity"]?.siblings.count == 2)
  }

  @Test func letsNewStaffReadAtOnce() throws {
    let colleague = try clinic.join(.practitioner)
    #expect(throws: ErrorCode.notAllowed) { try TestReader(colleague).pull(casework.space) }
    try clinic.propose(colleague, for: casework.team)
    let before = try world.position(casework.space)
    #expect(throws: ErrorCode.notAllowed) { try TestReader(colleague).pull(casework.space) }
    let wrap = try clinic.admit(colleague, to: casework.team, by: clinic.practitioner)
    let reader = try TestReader(colleague)
    let entries = try reader.pull(casework.space)
    // The device stands before the member that uses it.
    let account = try world.head(.account(colleague.account))
    let team = try world.head(.team(casework.team))
    let added = entries.dropFirst(Int(before.rawValue)).filter {
      if case .authority = $0 { true } else { false }
    }
    #expect(
      added == [
        .authority(.chain(.account(colleague.account), account)),
        .authority(.chain(.team(casework.team), team)),
      ])
    let feed = try colleague.call(Path.feed, FeedRequest(after: 0), FeedResponse.self)
    #expect(feed.moved.map(\.space) == [casework.space])
    #expect(try colleague.fetch([Hasher256.content(wrap)], .chain(.team(casework.team))) == [wrap])

    // The epoch is wrapped for the team, and so for its new member.
    guard case .epoch(let epoch) = casework.epoch.statement.body else { return }
    let hash = try #require(epoch.wraps.first { $0.recipient.bytes == casework.team.bytes }).hash
    #expect(try colleague.fetch([hash], .space(casework.space)) != [nil])
    #expect(try clinic.client.fetch([hash], .space(casework.space)) == [nil])
    let verdict = try colleague.write(casework.space, [clinic.newTicket(casework)])
    #expect(refusal(verdict) == nil)
  }

  @Test func keepsTeamsOfOtherOrganisationsOut() throws {
    let second = try clinic.join(.admin)
    let other = try Clinic.found(world, second)
    let opening = SpaceOpening(
      kind: .casework, members: [], team: casework.team, organisation: other)
    let space = clinic.newSpace()
    let signed = second.sign(.spaceOpening(opening), .space(space))
    #expect(try second.push(space, [.statement(signed)]).map(refusal) == [.notAllowed])
  }

  @Test func answersTheOpenerWhoIsNoMember() throws {
    let space = clinic.newSpace()
    let opening = SpaceOpening(
      kind: .casework, members: [try world.member(clinic.client.account, .contact)],
      team: casework.team, organisation: clinic.organisation)
    let signed = clinic.admin.sign(.spaceOpening(opening), .space(space))
    let first = try clinic.admin.push(space, [.statement(signed)])
    #expect(try clinic.admin.push(space, [.statement(signed)]) == first)
    #expect(throws: ErrorCode.notAllowed) { try TestReader(clinic.admin).pull(space) }
  }
}
