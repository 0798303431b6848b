import CBOR
import Merge
import Testing

/// For which keys an epoch has to be wrapped, as removals go by.
struct KeyGenerationTests {
  private let staff = Person.staff.account
  private let other = Person.outsider.account

  private func keying(
    _ generation: UInt64, _ wraps: [AccountID: UInt64]
  ) -> LogFact {
    .teamKeyed(LogFact.TeamKeying(team: TestSpace.team, generation: generation, wraps: wraps))
  }

  private func refuses(_ space: TestSpace, by person: Person) throws {
    let verdict = try space.judge(.epoch(space.proposal(by: person, .beginning(9))))
    guard case .refused(let refusal) = verdict else {
      Issue.record("\(verdict)")
      return
    }
    #expect(refusal.code == .recipientsWrong)
  }

  @Test func eachRevokedDeviceMakesTheNextAccountKey() throws {
    var space = try TestSpace.engagement()
    let client = try #require(Bytes32(Person.client.account.bytes))
    #expect(space.state.epochKeyGenerations.isEmpty)
    for number in 1...3 as ClosedRange<UInt64> {
      try space.append(.deviceRevoked(.numbered(Int(100 + number)), Person.client.account))
      #expect(space.state.epochKeyGenerations == [client: number])
      #expect(space.state.owesEpoch)
    }
    // The same one again changes nothing.
    try space.append(.deviceRevoked(.numbered(103), Person.client.account))
    #expect(space.state.epochKeyGenerations == [client: 3])
  }

  @Test func anEpochForAnOlderKeyThanTheLogKnowsIsRefused() throws {
    var space = try TestSpace.engagement()
    let old = space.proposal(by: .client, .beginning(9))
    #expect(try space.judge(.epoch(old)) == .accepted)
    try space.append(.deviceRevoked(.numbered(50), Person.practitioner.account))
    #expect(try space.judge(.epoch(old)) == .refused(Refusal(.recipientsWrong)))
    let new = space.proposal(by: .client, .beginning(9))
    #expect(try space.judge(.epoch(new)) == .accepted)
  }

  /// A restored server has the revocation first, and gets the epoch back after it.
  @Test func anEpochThatCameBackAfterARemovalIsNotUsed() throws {
    var space = try TestSpace.engagement()
    let lost = space.proposal(by: .client, .beginning(9))
    let place = LogPlace(incarnation: 0, position: space.state.position.next)
    try space.append(.incarnation(7))
    var kept = space
    #expect(try kept.append(.recovered(place, .epoch(lost))) == .accepted)
    #expect(!kept.state.owesEpoch)

    try space.append(.deviceRevoked(.numbered(50), Person.practitioner.account))
    #expect(try space.append(.recovered(place, .epoch(lost))) == .accepted)
    #expect(space.state.currentEpoch == .beginning(9))
    #expect(space.state.owesEpoch)
    let next = space.proposal(by: .client, .beginning(10))
    #expect(try space.append(.epoch(next)) == .accepted)
    #expect(!space.state.owesEpoch)
  }

  @Test func noEpochIsWrappedForATeamKeyThatSomebodyTookAway() throws {
    var space = try TestSpace.casework()
    try space.append(.memberJoined(other, .staff, TestSpace.team))
    try space.append(.memberLeft(other, TestSpace.team))
    try refuses(space, by: .staff)
    try space.append(keying(1, [staff: 0]))
    let team = try #require(Bytes32(TestSpace.team.bytes))
    #expect(space.state.epochKeyGenerations == [team: 1])
    let proposal = space.proposal(by: .staff, .beginning(9))
    #expect(try space.judge(.epoch(proposal)) == .accepted)
  }

  @Test func aMembersLostDeviceTakesTheTeamsKeyAway() throws {
    var space = try TestSpace.casework()
    try space.append(.deviceRevoked(.numbered(50), staff))
    try refuses(space, by: .contact)
    // A team key that the lost device can open as well is no better.
    try space.append(keying(1, [staff: 0]))
    try refuses(space, by: .contact)
    try space.append(keying(2, [staff: 1]))
    let proposal = space.proposal(by: .contact, .beginning(9))
    #expect(try space.judge(.epoch(proposal)) == .accepted)
  }

  @Test func whoIsLetInUnderAnOldKeyOwesTheNext() throws {
    var space = try TestSpace.casework()
    try space.append(.deviceRevoked(.numbered(50), other))
    #expect(!space.state.isTeamKeyOwed)
    try space.append(.memberJoined(other, .staff, TestSpace.team, keyGeneration: 0))
    #expect(space.state.isTeamKeyOwed)
    #expect(space.state.owesEpoch)
    try space.append(keying(1, [staff: 0, other: 1]))
    #expect(!space.state.isTeamKeyOwed)
  }

  @Test func whoMakesTheKeyOfATeamWithoutMembersJoinsIt() throws {
    var space = try TestSpace.casework()
    try space.append(.memberLeft(staff, TestSpace.team))
    try space.append(keying(1, [other: 0]))
    #expect(space.state.role(of: other) == .staff)
    #expect(space.state.role(of: staff) == nil)
    #expect(!space.state.isTeamKeyOwed)
  }

  @Test func teamFactsOfAnotherTeamAreRefused() throws {
    let space = try TestSpace.casework()
    let facts: [LogFact] = [
      .memberLeft(staff, .numbered(2)),
      .teamKeyed(LogFact.TeamKeying(team: .numbered(2), generation: 1, wraps: [:])),
    ]
    for fact in facts {
      guard case .refused(let refusal) = try space.judge(fact) else {
        Issue.record("\(fact)")
        return
      }
      #expect(refusal.code == .malformed)
    }
  }

  @Test func theStateKeepsIt() throws {
    var space = try TestSpace.casework()
    try space.append(
      .deviceRevoked(.numbered(50), staff, newKey: Bytes32([UInt8](repeating: 5, count: 32))))
    try space.append(keying(3, [staff: 0]))
    let read = try SpaceState(
      id: space.state.id, server: space.state.server, stored: space.state.stored)
    #expect(read == space.state)
    #expect(read.teamKeyGeneration == 3)
    #expect(read.isTeamKeyOwed)
    #expect(read.accountKeys.count == 1)
  }

  /// Rows that were stored before keys were replaced.
  @Test func anOlderStateIsRead() throws {
    let state = try TestSpace.casework().state
    var reader = CBORReader(
      state.stored, limits: CBORLimits(byteCountMax: 1 << 20, countMax: 1 << 16))
    let count = try reader.array()
    var writer = CBORWriter()
    writer.array(count: 16)
    for _ in 0..<16 { writer.value(try reader.value()) }
    #expect(count == 19)
    #expect(try SpaceState(id: state.id, server: state.server, stored: writer.bytes) == state)
  }
}
