import Merge
import Signing
import SyncProtocol
import Testing

struct OrganisationChainTests {
  private let founder: TestAccount
  private let nurse: TestAccount
  private let directory: Directory
  private let chain: OrganisationChain

  init() throws {
    founder = try TestAccount(1)
    nurse = try TestAccount(2)
    directory = Directory([founder, nurse])
    chain = try OrganisationChain(first: Self.creation(founder), isSigned: true)
  }

  static func creation(_ founder: TestAccount) -> SignedStatement {
    founder.sign(
      .newChain,
      .organisationCreation(
        OrganisationCreation(name: "Clinic", accountHead: founder.chain.head)))
  }

  private func member(
    _ account: TestAccount, _ role: Role, name: String? = nil, by author: TestAccount? = nil,
    on chain: OrganisationChain? = nil
  ) -> SignedStatement {
    let chain = chain ?? self.chain
    return (author ?? founder).sign(
      .chain(.organisation(chain.id)), index: chain.head.index + 1, previous: chain.head.hash,
      .organisationMember(
        OrganisationMember(
          account: account.id, accountHead: account.chain.head, role: role, name: name)))
  }

  private func append(_ signed: SignedStatement, to chain: inout OrganisationChain) throws {
    try chain.append(signed, isSigned: try signed.isSignedByItsAuthor(directory))
  }

  private func refuses(_ error: ChainError, _ signed: SignedStatement) {
    var chain = chain
    #expect(throws: error) { try append(signed, to: &chain) }
    #expect(chain == self.chain)
  }

  @Test func itsFounderIsItsFirstAdministrator() {
    #expect(chain.id.bytes == Self.creation(founder).hash.bytes)
    #expect(chain.name == "Clinic")
    #expect(chain.admins == [founder.id])
    #expect(chain.members[founder.id]?.role == .admin)
  }

  @Test func theFirstStatementIsSignedAndACreation() {
    #expect(throws: ChainError.badSignature) {
      try OrganisationChain(first: Self.creation(founder), isSigned: false)
    }
    #expect(throws: ChainError.unexpected) {
      try OrganisationChain(first: member(nurse, .admin), isSigned: true)
    }
  }

  @Test func anAdministratorNamesMembers() throws {
    var chain = chain
    try append(member(nurse, .practitioner, name: "Nurse"), to: &chain)
    #expect(chain.members[nurse.id]?.name == "Nurse")
    #expect(chain.members[nurse.id]?.accountHead == nurse.chain.head)
    #expect(chain.admins == [founder.id])
    #expect(chain.head.index == 1)
  }

  @Test func aSecondAdministratorNamesMembersToo() throws {
    var chain = chain
    try append(member(nurse, .admin), to: &chain)
    #expect(chain.adminSince[nurse.id] == 1)
    let third = try TestAccount(3)
    try append(member(third, .client, by: nurse, on: chain), to: &chain)
    #expect(chain.members.count == 3)
  }

  @Test func othersNameNobody() throws {
    refuses(.notAllowed, member(nurse, .admin, by: nurse))
    var chain = chain
    try append(member(nurse, .practitioner), to: &chain)
    let third = try TestAccount(3)
    let statement = member(third, .client, by: nurse, on: chain)
    #expect(throws: ChainError.notAllowed) { try append(statement, to: &chain) }
  }

  @Test func aStatementIsSigned() {
    let statement = member(nurse, .admin).statement
    refuses(.badSignature, SignedStatement(statement, key: nurse.device.identity))
  }

  @Test func aStatementStandsNextToTheOneItNames() {
    let body = member(nurse, .admin).statement.body
    let subject = StatementSubject.chain(.organisation(chain.id))
    refuses(.superseded, founder.sign(subject, index: 2, previous: chain.head.hash, body))
    refuses(.superseded, founder.sign(subject, index: 1, previous: .zero, body))
    refuses(.superseded, founder.sign(subject, index: 1, previous: nil, body))
  }

  @Test func aMemberIsNamedOnce() throws {
    var chain = chain
    try append(member(nurse, .practitioner), to: &chain)
    let again = member(nurse, .admin, on: chain)
    #expect(throws: ChainError.exists) { try append(again, to: &chain) }
    refuses(.exists, member(founder, .client))
  }

  @Test func aClientsNameNeverStandsInTheChain() {
    refuses(.unexpected, member(nurse, .client, name: "Client"))
  }

  @Test(arguments: [Role.owner, .contact, .staff, .family, .server, .author])
  func rolesOfSpacesAreNotRolesOfAnOrganisation(role: Role) {
    refuses(.unexpected, member(nurse, role))
  }

  @Test func anAdministratorListsTeamsOnce() throws {
    var generator = Generator(seed: 1)
    let teams: [TeamID] = [generator.id(), generator.id()]
    var chain = chain
    for team in teams { try append(listing(team, on: chain), to: &chain) }
    #expect(chain.teams == teams)
    #expect(chain.head.index == 2)
    let again = listing(teams[0], on: chain)
    #expect(throws: ChainError.exists) { try append(again, to: &chain) }
    refuses(.notAllowed, listing(teams[0], on: self.chain, by: nurse))
  }

  private func listing(
    _ team: TeamID, on chain: OrganisationChain, by author: TestAccount? = nil
  ) -> SignedStatement {
    (author ?? founder).sign(
      .chain(.organisation(chain.id)), index: chain.head.index + 1, previous: chain.head.hash,
      .organisationTeam(OrganisationTeam(team: team)))
  }

  @Test func statementsOfOtherChainsDoNotBelong() throws {
    let other = try OrganisationChain(first: Self.creation(nurse), isSigned: true)
    refuses(.unexpected, member(nurse, .admin, on: other))
    refuses(
      .unexpected,
      founder.sign(
        .chain(.organisation(chain.id)), index: 1, previous: chain.head.hash, .engagementEnd))
  }

  @Test func itsEmergencyTeamIsOneThatItHasListed() throws {
    let statement = { (chain: OrganisationChain, body: StatementBody, author: TestAccount) in
      author.sign(
        .chain(.organisation(chain.id)), index: chain.head.index + 1, previous: chain.head.hash,
        body)
    }
    let team = TeamID(Hasher256.content([1]))
    let named = StatementBody.organisationEmergencyTeam(OrganisationTeam(team: team))
    refuses(.unexpected, statement(chain, named, founder))
    var chain = chain
    try append(
      statement(chain, .organisationTeam(OrganisationTeam(team: team)), founder), to: &chain)
    #expect(chain.emergencyTeam == nil)
    let listed = chain
    #expect(throws: ChainError.notAllowed) {
      try append(statement(listed, named, nurse), to: &chain)
    }
    try append(statement(chain, named, founder), to: &chain)
    #expect(chain.emergencyTeam == team)
  }
}
