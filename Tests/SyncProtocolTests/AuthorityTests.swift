import CBOR
import Merge
import Signing
import SyncProtocol
import Testing

/// Entries that name a fact of another history by its hash.
struct AuthorityTests {
  private let admin: TestAccount
  private let nurse: TestAccount
  private let team: TestTeam
  private let organisation: [SignedStatement]
  private let source: Directory
  private static let space = SpaceID(Domain.spaceID.hash([1]))

  init() throws {
    admin = try TestAccount(1)
    var nurse = try TestAccount(2)
    try nurse.add(TestDevice(20))
    self.nurse = nurse
    organisation = Self.organisation(admin: admin, nurse: nurse)
    var team = try TestTeam(admin: admin)
    try team.append(team.proposal(of: admin))
    try team.append(team.key(by: admin))
    try team.append(team.proposal(of: nurse))
    try team.append(team.admission(of: nurse, by: admin))
    self.team = team
    var source = Directory([admin, nurse])
    source.statements[.organisation(OrganisationID(organisation[0].hash))] = organisation
    source.statements[.team(team.chain.id)] = team.statements
    self.source = source
  }

  /// The second member is a practitioner, the third an administrator.
  private static func organisation(admin: TestAccount, nurse: TestAccount) -> [SignedStatement] {
    var statements = [OrganisationChainTests.creation(admin)]
    let subject = StatementSubject.chain(.organisation(OrganisationID(statements[0].hash)))
    for (index, role) in [(1, Role.practitioner), (2, .admin)] as [(UInt64, Role)] {
      let body = OrganisationMember(
        account: nurse.id, accountHead: nurse.chain.head, role: role, name: nil)
      statements.append(
        admin.sign(
          subject, index: index, previous: statements[statements.count - 1].hash,
          .organisationMember(body)))
    }
    return statements
  }

  private func fact(_ chain: ChainReference, _ point: ChainPoint) throws -> LogFact {
    try FactResolver(space: Self.space, source: source).fact(.authority(.chain(chain, point)))
  }

  private func refuses(_ error: FactError, _ chain: ChainReference, _ point: ChainPoint) {
    #expect(throws: error) { try fact(chain, point) }
  }

  // MARK: Chains

  @Test func accountsCertifyDevices() throws {
    let chain = ChainReference.account(nurse.id)
    #expect(
      try fact(chain, nurse.statements[0].point) == .deviceCertified(nurse.device.id, nurse.id))
    #expect(
      try fact(chain, nurse.statements[1].point)
        == .deviceCertified(TestDevice(20).id, nurse.id))
  }

  @Test func organisationsNameAdministrators() throws {
    let chain = ChainReference.organisation(OrganisationID(organisation[0].hash))
    #expect(
      try fact(chain, organisation[0].point)
        == .adminNamed(admin.id, OrganisationID(organisation[0].hash)))
    #expect(
      try fact(chain, organisation[2].point)
        == .adminNamed(nurse.id, OrganisationID(organisation[0].hash)))
    refuses(.invalid, chain, organisation[1].point)
  }

  @Test func teamsLetMembersIn() throws {
    let chain = ChainReference.team(team.chain.id)
    #expect(
      try fact(chain, team.statements[2].point) == .memberJoined(admin.id, .staff, team.chain.id))
    #expect(
      try fact(chain, team.statements[4].point) == .memberJoined(nurse.id, .staff, team.chain.id))
    for index in [0, 1, 3] { refuses(.invalid, chain, team.statements[index].point) }
  }

  @Test func accountsTakeDevicesOut() throws {
    var account = nurse
    let signed = account.revocation(of: TestDevice(20))
    try account.append(signed)
    guard case .deviceRevocation(let body) = signed.statement.body else { return }
    let source = Directory([admin, account])
    let reference = AuthorityReference.chain(.account(account.id), signed.point)
    let fact = try FactResolver(space: Self.space, source: source).fact(.authority(reference))
    #expect(
      fact
        == .deviceRevoked(
          TestDevice(20).id, account.id, newKey: Bytes32(body.accountKey.bytes)))
  }

  @Test func aDeletedAccountLeaves() throws {
    var account = nurse
    let signed = account.sign(
      .chain(.account(account.id)), index: account.chain.head.index + 1,
      previous: account.chain.head.hash, .accountDeletion)
    try account.append(signed)
    let source = Directory([admin, account])
    let reference = AuthorityReference.chain(.account(account.id), signed.point)
    let fact = try FactResolver(space: Self.space, source: source).fact(.authority(reference))
    #expect(fact == .memberLeft(account.id))
  }

  @Test func teamsTakeMembersOutAndMakeTheNextKey() throws {
    var team = team
    try team.append(team.removal(of: nurse, by: admin))
    try team.append(
      team.key(by: admin, generation: 1, for: [admin], predecessor: .zero, seed: 9))
    var source = source
    source.statements[.team(team.chain.id)] = team.statements
    let facts = try team.statements.suffix(2).map { signed in
      try FactResolver(space: Self.space, source: source).fact(
        .authority(.chain(.team(team.chain.id), signed.point)))
    }
    #expect(
      facts == [
        .memberLeft(nurse.id, team.chain.id),
        .teamKeyed(
          LogFact.TeamKeying(team: team.chain.id, generation: 1, wraps: [admin.id: 0])),
      ])
  }

  @Test func aStatementThatTheReaderLacksIsFetched() throws {
    let stranger = try TestAccount(9)
    refuses(
      .missing(.chain(.account(stranger.id))), .account(stranger.id),
      stranger.statements[0].point)
    let next = ChainPoint(index: 2, hash: .zero)
    refuses(.missing(.chain(.account(nurse.id))), .account(nurse.id), next)
  }

  @Test func anotherStatementInItsPlaceIsEvidence() {
    refuses(.contradiction, .account(nurse.id), ChainPoint(index: 1, hash: .zero))
    refuses(
      .contradiction, .account(nurse.id),
      ChainPoint(index: 1, hash: nurse.statements[0].hash))
  }

  // MARK: Consent

  private let position = Position(7)

  private func consents(_ commit: Commit, _ origin: Origin) -> Directory {
    var source = source
    source.consents[Self.space] = [position: (origin, commit, .zero)]
    return source
  }

  private func consent(
    _ source: Directory, at position: Position? = nil, hash: Digest = .zero
  ) throws -> LogFact {
    let entry = LogEntry.authority(.consent(Self.space, position ?? self.position, hash))
    return try FactResolver(space: Self.space, source: source).fact(entry)
  }

  private static func commit(reissued: Origin?) -> Commit {
    let write = FieldWrite(key: Consent.clientKey, value: .map(["decision": .text("approved")]))
    let record = RecordID(Domain.log.hash([2]))
    return Commit(
      header: CommitHeader(
        time: HybridTime(rawValue: 5), context: Context(position: Position(3)), origin: reissued),
      changes: [
        RecordChange(type: Consent.type, record: record, operation: .update, writes: [write])
      ])
  }

  @Test func aDecisionKeepsItsPlaceAndWhatItsAuthorHadSeen() throws {
    let origin = Origin(replica: nurse.device.replica, sequence: 4)
    let commit = Self.commit(reissued: nil)
    let stamp = CommitStamp(
      position: position,
      authorship: Authorship(origin: origin, time: HybridTime(rawValue: 5)), seen: Position(3))
    #expect(try consent(consents(commit, origin)) == .consent(Self.space, commit.changes, stamp))
  }

  @Test func aReissuedDecisionKeepsItsOrigin() throws {
    let first = Origin(replica: nurse.device.replica, sequence: 2)
    let commit = Self.commit(reissued: first)
    let again = Origin(replica: nurse.device.replica, sequence: 4)
    guard case .consent(_, _, let stamp) = try consent(consents(commit, again)) else {
      Issue.record("not a consent")
      return
    }
    #expect(stamp.authorship.origin == first)
  }

  @Test func aDecisionThatTheReaderLacksIsFetched() {
    #expect(throws: FactError.missing(.space(Self.space))) { try consent(source) }
    let origin = Origin(replica: nurse.device.replica, sequence: 4)
    let known = consents(Self.commit(reissued: nil), origin)
    #expect(throws: FactError.missing(.space(Self.space))) {
      try consent(known, at: Position(8))
    }
  }

  @Test func anotherDecisionInItsPlaceIsEvidence() {
    let origin = Origin(replica: nurse.device.replica, sequence: 4)
    let known = consents(Self.commit(reissued: nil), origin)
    #expect(throws: FactError.contradiction) {
      try consent(known, hash: Domain.log.hash([9]))
    }
  }
}

extension CBORValue: ExpressibleByStringLiteral {
  public init(stringLiteral value: String) { self = .text(value) }
}
