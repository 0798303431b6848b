import Merge
import Signing
import SyncProtocol
import Testing

struct TeamChainTests {
  private let admin: TestAccount
  private let first: TestAccount
  private let second: TestAccount
  /// With its first member; the second is proposed.
  private let team: TestTeam

  init() throws {
    admin = try TestAccount(1)
    first = try TestAccount(2)
    second = try TestAccount(3)
    var team = try TestTeam(admin: admin)
    try team.append(team.proposal(of: first))
    try team.append(team.key(by: first))
    try team.append(team.proposal(of: second))
    self.team = team
  }

  private func refuses(_ error: ChainError, _ signed: SignedStatement, in team: TestTeam? = nil) {
    let before = team ?? self.team
    var team = before
    #expect(throws: error) { try team.append(signed) }
    #expect(team.chain == before.chain)
  }

  @Test func anAdministratorFoundsIt() throws {
    let creation = TestTeam.creation(admin)
    #expect(team.chain.id.bytes == creation.hash.bytes)
    #expect(team.chain.name == "Surgery")
    #expect(throws: ChainError.notAllowed) {
      try TeamChain(first: creation, isSigned: true, isAdmin: false)
    }
    #expect(throws: ChainError.badSignature) {
      try TeamChain(first: creation, isSigned: false, isAdmin: true)
    }
    let other = team.proposal(of: second)
    #expect(throws: ChainError.unexpected) {
      try TeamChain(first: other, isSigned: true, isAdmin: true)
    }
    let empty = try TestTeam(admin: admin).chain
    #expect(empty.members.isEmpty && empty.keys.isEmpty)
    #expect(empty.key == nil)
  }

  @Test func theFirstProposedMemberMakesTheKey() {
    #expect(team.chain.members.keys.sorted() == [first.id])
    #expect(team.chain.memberSince[first.id] == 2)
    #expect(team.chain.keys.count == 1)
    #expect(team.chain.proposals.keys.sorted() == [second.id])
  }

  @Test func aMemberAdmitsWhoWasProposed() throws {
    var team = team
    try team.append(team.admission(of: second, by: first))
    #expect(team.chain.members.keys.sorted() == [first.id, second.id].sorted())
    #expect(team.chain.memberSince[second.id] == 4)
    #expect(team.chain.proposals.isEmpty)
  }

  @Test func anAdministratorAloneAddsNobody() throws {
    refuses(.notAllowed, team.admission(of: second, by: admin))
    // Nor by proposing themselves: a member has to let them in.
    var team = team
    try team.append(team.proposal(of: admin))
    refuses(.notAllowed, team.admission(of: admin, by: admin), in: team)
    refuses(.notAllowed, team.key(by: admin), in: team)
  }

  @Test func nobodyIsAdmittedWithoutAProposal() throws {
    let third = try TestAccount(4)
    refuses(.notAllowed, team.admission(of: third, by: first))
  }

  @Test func anAdmissionIsOfTheKeysThatWereProposed() {
    let other = ChainPoint(index: 1, hash: .zero)
    refuses(.notAllowed, team.admission(of: second, by: first, head: other))
  }

  @Test func nobodyAdmitsThemselves() {
    refuses(.notAllowed, team.admission(of: second, by: second))
  }

  @Test func onlyAnAdministratorProposes() throws {
    let third = try TestAccount(4)
    refuses(.notAllowed, team.proposal(of: third, by: first))
  }

  @Test func aProposalIsMadeOnce() throws {
    refuses(.exists, team.proposal(of: second))
    refuses(.exists, team.proposal(of: first))
  }

  @Test func theFirstKeyIsForItsAuthorAlone() throws {
    var empty = try TestTeam(admin: admin)
    try empty.append(empty.proposal(of: first))
    refuses(.recipientsWrong, empty.key(by: first, for: [first, second]), in: empty)
    refuses(.recipientsWrong, empty.key(by: first, for: []), in: empty)
    refuses(.recipientsWrong, empty.key(by: first, for: [second]), in: empty)
    refuses(.recipientsWrong, empty.key(by: first, generation: 1), in: empty)
    refuses(.notAllowed, empty.key(by: second), in: empty)
  }

  @Test func thereIsOneFirstKey() { refuses(.notAllowed, team.key(by: second)) }

  @Test func aStatementIsSigned() {
    var chain = team.chain
    #expect(throws: ChainError.badSignature) {
      try chain.append(team.admission(of: second, by: first), isSigned: false, isAdmin: false)
    }
  }

  @Test func aStatementStandsNextToTheOneItNames() {
    let body = team.admission(of: second, by: first).statement.body
    let subject = StatementSubject.chain(.team(team.chain.id))
    refuses(.superseded, first.sign(subject, index: 3, previous: team.chain.head.hash, body))
    refuses(.superseded, first.sign(subject, index: 4, previous: .zero, body))
  }

  @Test func otherStatementsDoNotBelong() {
    refuses(.unexpected, team.next(first, .engagementEnd))
    refuses(.unexpected, team.next(admin, TestTeam.creation(admin).statement.body))
    let elsewhere = first.sign(
      .chain(.account(first.id)), index: 4, previous: team.chain.head.hash, .engagementEnd)
    refuses(.unexpected, elsewhere)
  }
}
