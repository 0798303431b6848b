import CBOR
import Merge
import Signing
import SyncProtocol
import Testing

/// What an entry of a space's log says, once the histories that it names are looked up.
struct FactResolverTests {
  private let admin: TestAccount
  private let client: TestAccount
  private let practitioner: TestAccount
  private let organisation: OrganisationChain
  private let source: Directory

  private static let assignment = SpaceID(Domain.spaceID.hash([1]))
  private static let casework = SpaceID(Domain.spaceID.hash([2]))

  init() throws {
    admin = try TestAccount(1)
    client = try TestAccount(2)
    practitioner = try TestAccount(3)
    let creation = OrganisationChainTests.creation(admin)
    organisation = try OrganisationChain(first: creation, isSigned: true)
    var source = Directory([admin, client, practitioner])
    source.organisations[organisation.id] = organisation
    source.statements[.organisation(organisation.id)] = [creation]
    source.members[Self.assignment] = [client.id: .client, practitioner.id: .practitioner]
    self.source = source
  }

  // MARK: Asking

  private func fact(
    _ entry: LogEntry, in space: SpaceID = casework, from source: Directory? = nil
  ) throws -> LogFact {
    try FactResolver(space: space, source: source ?? self.source).fact(entry)
  }

  private func refuses(
    _ error: FactError, _ entry: LogEntry, in space: SpaceID = casework,
    from source: Directory? = nil
  ) {
    #expect(throws: error) { try fact(entry, in: space, from: source) }
  }

  private func member(_ account: TestAccount, _ role: Role) -> SpaceOpening.Member {
    SpaceOpening.Member(account: account.id, role: role, accountHead: account.chain.head)
  }

  private func opening(
    _ opening: SpaceOpening, by author: TestAccount, of space: SpaceID = casework
  ) -> LogEntry {
    .statement(author.sign(.space(space), .spaceOpening(opening)))
  }

  private var caseworkOpening: SpaceOpening {
    SpaceOpening(
      kind: .casework, members: [member(client, .contact)], organisation: organisation.id)
  }

  // MARK: Commits, refusals, time

  @Test func aCommitIsItsChangesAndItsPlace() throws {
    var generator = Generator(seed: 1)
    let (commit, origin) = (generator.commit(), generator.origin())
    let entry = LogEntry.commit(origin, EncodedCommit(commit))
    #expect(try fact(entry) == .commit(commit, origin))
  }

  @Test func aCommitWithoutItsSealedValuesSaysNothing() {
    var generator = Generator(seed: 1)
    let commit = generator.encodedCommit().withoutSealed
    refuses(.invalid, .commit(generator.origin(), commit))
  }

  @Test func aCommitThatCannotBeReadSaysNothing() {
    var generator = Generator(seed: 1)
    let commit = EncodedCommit(header: [0], keys: [0], open: [0], sealed: [0])
    refuses(.invalid, .commit(generator.origin(), commit))
    // A refused one need not be readable: that may be why it was refused.
    let origin = generator.origin()
    let refusal = LogEntry.refusal(origin, commit.withoutSealed, Refusal(.malformed))
    #expect(throws: Never.self) { try fact(refusal) }
  }

  @Test func aRefusalIsItsPlace() throws {
    var generator = Generator(seed: 1)
    let origin = generator.origin()
    let entry = LogEntry.refusal(
      origin, generator.encodedCommit().withoutSealed, Refusal(.gone))
    #expect(try fact(entry) == .refused(origin))
    #expect(try fact(.time(77)) == .time(milliseconds: 77))
  }

  // MARK: Openings

  @Test func anOpeningNamesItsMembers() throws {
    let expected = LogFact.Opening(
      kind: .casework, author: admin.device.id,
      members: [LogFact.Member(account: client.id, role: .contact)],
      organisation: organisation.id)
    #expect(try fact(opening(caseworkOpening, by: admin)) == .opened(expected))
  }

  @Test func anOpeningIsByItsOrganisationsAdministrator() {
    refuses(.invalid, opening(caseworkOpening, by: practitioner))
    let nobodys = SpaceOpening(kind: .casework, members: [member(client, .contact)])
    refuses(.invalid, opening(nobodys, by: admin))
  }

  @Test func anUnknownOrganisationIsFetched() {
    var generator = Generator(seed: 1)
    let other: OrganisationID = generator.id()
    let elsewhere = SpaceOpening(
      kind: .casework, members: [member(client, .contact)], organisation: other)
    refuses(.missing(.chain(.organisation(other))), opening(elsewhere, by: admin))
  }

  @Test func anUnknownMemberIsFetched() throws {
    let stranger = try TestAccount(9)
    let with = SpaceOpening(
      kind: .casework, members: [member(stranger, .contact)], organisation: organisation.id)
    refuses(.missing(.chain(.account(stranger.id))), opening(with, by: admin))
  }

  @Test func aMembersChainThatIsBehindIsFetched() throws {
    var ahead = client
    try ahead.add(TestDevice(20))
    let with = SpaceOpening(
      kind: .casework, members: [member(ahead, .contact)], organisation: organisation.id)
    refuses(.missing(.chain(.account(client.id))), opening(with, by: admin))
    var source = source
    source.add(ahead)
    #expect(throws: Never.self) { try fact(opening(with, by: admin), from: source) }
  }

  @Test func aMembersChainWithAnotherHeadIsEvidence() {
    let forked = SpaceOpening.Member(
      account: client.id, role: .contact, accountHead: ChainPoint(index: 0, hash: .zero))
    let with = SpaceOpening(kind: .casework, members: [forked], organisation: organisation.id)
    refuses(.contradiction, opening(with, by: admin))
  }

  @Test func aStatementOfAnotherSpaceSaysNothingHere() {
    refuses(.invalid, opening(caseworkOpening, by: admin, of: Self.assignment))
    refuses(.invalid, .statement(client.statements[0]))
  }

  @Test func aStatementIsSignedByItsAuthorsDevice() {
    let statement = admin.sign(.space(Self.casework), .spaceOpening(caseworkOpening)).statement
    refuses(.invalid, .statement(SignedStatement(statement, key: client.device.identity)))
  }

  @Test func anUnknownAuthorIsFetched() throws {
    let stranger = try TestAccount(9)
    refuses(
      .missing(.chain(.account(stranger.id))), opening(caseworkOpening, by: stranger))
  }

  // MARK: Derived ids

  @Test func aVaultIsOpenedUnderItsOwnersIDOnly() throws {
    let vault = SpaceOpening(kind: .vault, members: [member(client, .owner)])
    let own = SpaceID.vault(of: client.id)
    #expect(throws: Never.self) { try fact(opening(vault, by: client, of: own), in: own) }
    let others = SpaceID.vault(of: admin.id)
    refuses(.invalid, opening(vault, by: client, of: others), in: others)
    let two = SpaceOpening(kind: .vault, members: [member(client, .owner), member(admin, .owner)])
    refuses(.invalid, opening(two, by: client, of: own), in: own)
  }

  @Test func aTeamsSpaceIsOpenedUnderItsIDOnly() throws {
    var generator = Generator(seed: 1)
    let (team, other): (TeamID, TeamID) = (generator.id(), generator.id())
    let spaceOpening = SpaceOpening(
      kind: .team, members: [], team: team, organisation: organisation.id)
    let (own, others) = (SpaceID.team(team), SpaceID.team(other))
    let opened = try fact(opening(spaceOpening, by: admin, of: own), in: own)
    #expect(
      opened
        == .opened(
          LogFact.Opening(
            kind: .team, author: admin.device.id, members: [], teams: [team],
            organisation: organisation.id)))
    refuses(.invalid, opening(spaceOpening, by: admin, of: others), in: others)
    let none = SpaceOpening(kind: .team, members: [], organisation: organisation.id)
    refuses(.invalid, opening(none, by: admin, of: own), in: own)
  }

  // MARK: Engagements

  private func engagement(
    _ approval: Origin?, assignment: SpaceID? = assignment
  ) -> SpaceOpening {
    SpaceOpening(
      kind: .engagement, members: [member(client, .client), member(practitioner, .practitioner)],
      assignment: assignment, approval: approval)
  }

  private func id(_ approval: Origin) -> SpaceID {
    .engagement(assignment: Self.assignment, approval: approval)
  }

  @Test func anEngagementRestsOnItsClientsApproval() throws {
    let approval = Origin(replica: client.device.replica, sequence: 5)
    let own = id(approval)
    let expected = LogFact.Opening(
      kind: .engagement, author: client.device.id,
      members: engagement(approval).members.map {
        LogFact.Member(account: $0.account, role: $0.role)
      },
      assignment: Self.assignment, clientVault: .vault(of: client.id), approval: approval)
    #expect(
      try fact(opening(engagement(approval), by: client, of: own), in: own) == .opened(expected))
  }

  @Test func anEngagementIsBetweenTheSidesOfItsAssignment() {
    let approval = Origin(replica: client.device.replica, sequence: 5)
    let own = id(approval)
    var elsewhere = source
    elsewhere.members[Self.assignment] = [client.id: .client, admin.id: .practitioner]
    refuses(
      .invalid, opening(engagement(approval), by: client, of: own), in: own, from: elsewhere)
    elsewhere.members[Self.assignment] = nil
    refuses(
      .missing(.space(Self.assignment)), opening(engagement(approval), by: client, of: own),
      in: own, from: elsewhere)
  }

  @Test func anEngagementIsOpenedUnderItsApprovalsIDOnly() {
    let approval = Origin(replica: client.device.replica, sequence: 5)
    let other = id(Origin(replica: client.device.replica, sequence: 6))
    refuses(.invalid, opening(engagement(approval), by: client, of: other), in: other)
    let own = id(approval)
    refuses(.invalid, opening(engagement(nil), by: client, of: own), in: own)
    refuses(
      .invalid, opening(engagement(approval, assignment: nil), by: client, of: own), in: own)
    refuses(
      .invalid, opening(engagement(approval, assignment: Self.casework), by: client, of: own),
      in: own)
  }

  @Test func somebodyElsesApprovalIsNotTheClients() {
    let approval = Origin(replica: practitioner.device.replica, sequence: 5)
    let own = id(approval)
    refuses(.invalid, opening(engagement(approval), by: client, of: own), in: own)
  }

  // MARK: Epochs and ends

  @Test func anEpochsIDIsTheHashOfItsStatement() throws {
    let wrap = EpochStatement.Wrap(
      recipient: Bytes32(client.chain.head.hash), keyGeneration: 2, hash: .zero)
    let signed = client.sign(
      .space(Self.casework), index: 1, previous: .zero,
      .epoch(EpochStatement(commitment: .zero, wraps: [wrap], predecessor: .zero)))
    let expected = LogFact.EpochProposal(
      id: EpochID(signed.hash), previous: EpochID(.zero), author: client.device.id,
      recipients: [wrap.recipient], keyGenerations: [wrap.recipient: 2])
    #expect(try fact(.statement(signed)) == .epoch(expected))
  }

  @Test func aFirstEpochOpensNothingBeforeIt() {
    let first = EpochStatement(commitment: .zero, wraps: [], predecessor: .zero)
    refuses(.invalid, .statement(client.sign(.space(Self.casework), .epoch(first))))
  }

  @Test func anEndIsItsAuthors() throws {
    let signed = practitioner.sign(.space(Self.casework), .engagementEnd)
    #expect(try fact(.statement(signed)) == .ended(by: practitioner.device.id))
  }

  @Test func statementsOfChainsAreNoneOfASpace() {
    let bodies: [StatementBody] = [
      client.statements[0].statement.body, TestTeam.creation(admin).statement.body,
      OrganisationChainTests.creation(admin).statement.body,
    ]
    for body in bodies { refuses(.invalid, .statement(client.sign(.space(Self.casework), body))) }
  }
}
