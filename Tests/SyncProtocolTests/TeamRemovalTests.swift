import Merge
import Signing
import SyncProtocol
import Testing

struct TeamRemovalTests {
  private let admin: TestAccount
  private let first: TestAccount
  private let second: TestAccount
  /// Of two members.
  private let team: TestTeam

  init() throws {
    admin = try TestAccount(1)
    first = try TestAccount(2)
    second = try TestAccount(3)
    var team = try TestTeam(admin: admin)
    try team.append(team.proposal(of: first))
    try team.append(team.key(by: first))
    try team.append(team.proposal(of: second))
    try team.append(team.admission(of: second, by: first))
    self.team = team
  }

  private func refuses(_ error: ChainError, _ signed: SignedStatement, in other: TestTeam? = nil) {
    var team = other ?? team
    let before = team.chain
    #expect(throws: error) { try team.append(signed) }
    #expect(team.chain == before)
  }

  @Test func anAdministratorAMemberOrThePersonDoesIt() throws {
    for author in [admin, first, second] {
      var team = team
      try team.append(team.removal(of: second, by: author))
      #expect(team.chain.members.keys.sorted() == [first.id])
      #expect(team.chain.isKeyOwed)
      #expect(team.chain.memberSince[second.id] == nil)
    }
  }

  @Test func nobodyElseDoes() throws {
    refuses(.notAllowed, team.removal(of: second, by: try TestAccount(9)))
    refuses(.notAllowed, team.removal(of: admin, by: admin))
    var team = team
    try team.append(team.removal(of: second, by: admin))
    refuses(.notAllowed, team.removal(of: first, by: second), in: team)
    refuses(.notAllowed, team.removal(of: second, by: first), in: team)
  }

  @Test func theNextKeyIsForExactlyThoseWhoStayAndOpensTheOneBefore() throws {
    var team = team
    try team.append(team.removal(of: second, by: admin))
    let wrong = [
      team.key(by: first, generation: 1, for: [first, second], predecessor: .zero, seed: 9),
      team.key(by: first, generation: 1, for: [], predecessor: .zero, seed: 9),
      team.key(by: first, generation: 2, for: [first], predecessor: .zero, seed: 9),
    ]
    for signed in wrong { refuses(.recipientsWrong, signed, in: team) }
    refuses(
      .notAllowed,
      team.key(by: second, generation: 1, for: [first], predecessor: .zero, seed: 9), in: team)
    // Not the same key again.
    refuses(
      .notAllowed, team.key(by: first, generation: 1, for: [first], predecessor: .zero), in: team)
    try team.append(
      team.key(by: first, generation: 1, for: [first], predecessor: .zero, seed: 9))
    #expect(!team.chain.isKeyOwed)
    #expect(team.chain.keyGeneration == 1)
    #expect(team.chain.predecessors == [.zero])
  }

  /// Whoever does not hold the key before, because its wrap was lost, cannot pass it on.
  @Test func aMemberMakesAKeyThatOpensNoneBefore() throws {
    var team = team
    try team.append(team.key(by: first, generation: 1, for: [first, second], seed: 9))
    #expect(team.chain.predecessors == [nil])
    #expect(team.chain.members.keys.sorted() == [first.id, second.id].sorted())
  }

  @Test func whoWasTakenOutIsLetInAgain() throws {
    var team = team
    try team.append(team.removal(of: second, by: first))
    try team.append(team.proposal(of: second))
    try team.append(team.admission(of: second, by: first))
    #expect(team.chain.members.keys.sorted() == [first.id, second.id].sorted())
    // The key that they took with them is still owed.
    #expect(team.chain.isKeyOwed)
  }

  @Test func aTeamWithoutMembersBeginsAnew() throws {
    var team = team
    try team.append(team.removal(of: second, by: admin))
    try team.append(team.removal(of: first, by: admin))
    refuses(
      .notAllowed, team.key(by: first, generation: 1, for: [first], seed: 9), in: team)
    try team.append(team.proposal(of: second))
    refuses(
      .recipientsWrong,
      team.key(by: second, generation: 1, for: [second], predecessor: .zero, seed: 9), in: team)
    try team.append(team.key(by: second, generation: 1, for: [second], seed: 9))
    #expect(team.chain.members.keys.sorted() == [second.id])
    #expect(team.chain.predecessors == [nil])
  }
}
