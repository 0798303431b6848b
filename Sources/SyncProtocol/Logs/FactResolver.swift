import Merge
import Schemas
import Signing

/// Turns verified log entries into the facts that ``Acceptance`` judges.
public struct FactResolver<Source: AuthoritySource> {
  private let space: SpaceID
  private let source: Source

  public init(space: SpaceID, source: Source) {
    self.space = space
    self.source = source
  }

  /// - Throws: ``FactError``, or what the source throws.
  public func fact(_ entry: LogEntry) throws -> LogFact {
    switch entry {
    case .commit(let origin, let commit):
      guard commit.sealed != nil else { throw FactError.invalid }
      do { return .commit(try commit.decoded(), origin) } catch { throw FactError.invalid }
    case .stub(let origin, let stub):
      do { return .stub(try stub.decoded(), origin) } catch { throw FactError.invalid }
    case .refusal(let origin, _, _): return .refused(origin)
    case .time(let milliseconds): return .time(milliseconds: milliseconds)
    case .incarnation(let number): return .incarnation(number)
    case .recovered(let place, let lost): return .recovered(place, try fact(lost))
    case .recoveredAlready(let place, let known): return .recoveredAlready(place, at: known)
    case .statement(let statement): return try fact(statement)
    case .authority(.chain(let chain, let point)): return try fact(chain, point)
    case .authority(.consent(let space, let position, let hash)):
      return try consentFact(space, position, hash)
    }
  }

  // MARK: Statements of the space

  private func fact(_ signed: SignedStatement) throws -> LogFact {
    let statement = signed.statement
    guard statement.subject == .space(space), let account = statement.account else {
      throw FactError.invalid
    }
    guard try source.accountChain(account) != nil else {
      throw FactError.missing(.chain(.account(account)))
    }
    guard try signed.isSignedByItsAuthor(source) else { throw FactError.invalid }
    switch statement.body {
    case .spaceOpening(let opening): return try fact(opening, by: statement)
    case .epoch(let epoch): return try fact(epoch, signed)
    case .engagementEnd: return .ended(by: statement.device)
    default: throw FactError.invalid
    }
  }

  private func fact(_ epoch: EpochStatement, _ signed: SignedStatement) throws -> LogFact {
    let previous = signed.statement.previous.map { EpochID($0) }
    // A first epoch has nothing to open; a later one does without only where nobody holds the one before.
    guard previous != nil || epoch.seals.isEmpty else { throw FactError.invalid }
    var generations: [Bytes32: UInt64] = [:]
    for wrap in epoch.wraps where wrap.keyGeneration > 0 {
      generations[wrap.recipient] = wrap.keyGeneration
    }
    return .epoch(
      LogFact.EpochProposal(
        id: EpochID(signed.hash), previous: previous, author: signed.statement.device,
        recipients: epoch.wraps.map(\.recipient), keyGenerations: generations))
  }

  private func fact(_ opening: SpaceOpening, by statement: Statement) throws -> LogFact {
    for member in opening.members {
      let chain = try source.accountChain(member.account)
      guard let chain, member.accountHead.index <= chain.head.index else {
        throw FactError.missing(.chain(.account(member.account)))
      }
      guard chain.contains(member.accountHead) else { throw FactError.contradiction }
    }
    guard isOwnID(opening) else { throw FactError.invalid }
    let client = opening.members.first { $0.role == .client }
    guard try isAllowed(opening, by: statement, client: client) else { throw FactError.invalid }
    return .opened(
      LogFact.Opening(
        kind: opening.kind, author: statement.device,
        members: opening.members.map { LogFact.Member(account: $0.account, role: $0.role) },
        teams: opening.team.map { [$0] } ?? [], organisation: opening.organisation,
        assignment: opening.assignment, clientVault: client.map { .vault(of: $0.account) },
        approval: opening.approval))
  }

  /// Spaces whose id is derived can be opened under that id only.
  private func isOwnID(_ opening: SpaceOpening) -> Bool {
    switch opening.kind {
    case .vault: return opening.members.map(\.account).map(SpaceID.vault) == [space]
    case .engagement:
      guard let assignment = opening.assignment, let approval = opening.approval else {
        return false
      }
      return space == .engagement(assignment: assignment, approval: approval)
    case .team: return opening.team.map(SpaceID.team) == space
    case .assignment, .casework, .directory, .inbox: return true
    }
  }

  /// What the log's own entries cannot show: an administrator is one of the organisation that the
  /// opening names; an engagement is between the two sides of its assignment, and the approval is the
  /// client's own.
  private func isAllowed(
    _ opening: SpaceOpening, by statement: Statement, client: SpaceOpening.Member?
  ) throws -> Bool {
    switch opening.kind {
    case .vault, .inbox: return true
    case .engagement:
      guard let client, let approval = opening.approval, let assignment = opening.assignment else {
        return false
      }
      guard let sides = try source.members(of: assignment) else {
        throw FactError.missing(.space(assignment))
      }
      guard opening.members.allSatisfy({ sides[$0.account] == $0.role }) else { return false }
      return try source.accountChain(client.account)?.devices[approval.replica.device] != nil
    case .assignment where opening.organisation == nil:
      // A client's own, for somebody of the family.
      return client?.account == statement.account
    case .assignment, .casework, .team, .directory:
      guard let organisation = opening.organisation, let author = statement.account else {
        return false
      }
      guard let chain = try source.organisationChain(organisation) else {
        throw FactError.missing(.chain(.organisation(organisation)))
      }
      return chain.adminSince[author] != nil
    }
  }

  // MARK: Authority

  private func fact(_ chain: ChainReference, _ point: ChainPoint) throws -> LogFact {
    guard let signed = try source.statement(chain, at: point.index) else {
      throw FactError.missing(.chain(chain))
    }
    guard signed.hash == point.hash else { throw FactError.contradiction }
    switch (chain, signed.statement.body) {
    case (.account(let account), .accountCreation(let creation)):
      return .deviceCertified(creation.device.device, account)
    case (.account(let account), .deviceAddition(let addition)):
      return .deviceCertified(addition.device.device, account)
    case (.account(let account), .deviceRevocation(let revocation)):
      return .deviceRevoked(
        revocation.device, account, newKey: Bytes32(revocation.accountKey.bytes))
    case (.account(let account), .accountDeletion): return .memberLeft(account)
    case (.organisation(let organisation), .organisationCreation):
      guard let founder = signed.statement.account else { throw FactError.invalid }
      return .adminNamed(founder, organisation)
    case (.organisation(let organisation), .organisationMember(let member))
    where member.role == .admin:
      return .adminNamed(member.account, organisation)
    case (.organisation(let organisation), .organisationType(let declared)):
      return try Self.fact(declared, of: organisation, signed)
    case (.team(let team), .teamKey(let key)): return try Self.fact(key, of: team)
    case (.team(let team), .teamAdmission(let admission)):
      return .memberJoined(
        admission.account, .staff, team, keyGeneration: admission.keyGeneration)
    case (.team(let team), .teamRemoval(let removal)): return .memberLeft(removal.account, team)
    default: throw FactError.invalid
    }
  }

  private static func fact(
    _ declared: OrganisationType, of organisation: OrganisationID, _ signed: SignedStatement
  ) throws -> LogFact {
    guard let hash = Bytes32(signed.hash.bytes) else { throw FactError.invalid }
    do throws(SchemaError) {
      // The chain's reducer has checked it.
      let type = try SchemaLoader.load(file: "", bytes: declared.file)
      return .typePinned(
        LogFact.PinnedType(
          organisation: organisation, type: type, file: declared.file, hash: hash,
          index: signed.statement.index))
    } catch {
      throw FactError.invalid
    }
  }

  /// The first key makes its author the first member.
  private static func fact(_ key: TeamKey, of team: TeamID) throws -> LogFact {
    if key.generation == 0 {
      guard let first = key.wraps.first else { throw FactError.invalid }
      return .memberJoined(first.account, .staff, team, keyGeneration: first.keyGeneration)
    }
    let wraps = key.wraps.map { ($0.account, $0.keyGeneration) }
    return .teamKeyed(
      LogFact.TeamKeying(
        team: team, generation: key.generation,
        wraps: Dictionary(wraps, uniquingKeysWith: { first, _ in first })))
  }

  private func consentFact(
    _ space: SpaceID, _ position: Position, _ hash: Digest
  ) throws -> LogFact {
    let named = try source.consentCommits(space, at: position)
    guard !named.isEmpty else { throw FactError.missing(.space(space)) }
    guard let found = named.first(where: { $0.entryHash == hash }) else {
      throw FactError.contradiction
    }
    return .consent(space, found.commit.changes, found.stamp)
  }
}
