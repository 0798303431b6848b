import Database
import Merge
import Signing
import SpaceStore
import SyncProtocol

/// All signed histories of accounts, organisations and teams, and what they come to.
///
/// What is stored is reduced, and its signatures checked, again after each start: an altered row is
/// noticed, not believed.
final class ChainStore: AuthoritySource {
  private let database: SQLiteDatabase
  private let store: SpaceStore
  private var accounts: [AccountID: AccountChain] = [:]
  private var organisations: [OrganisationID: OrganisationChain] = [:]
  private var teams: [TeamID: TeamChain] = [:]
  /// Chains that grew since the last transaction ended.
  private var grown: Set<ChainReference> = []

  /// Reduced chains kept in memory.
  private static let cachedCountMax = 20_000

  init(database: SQLiteDatabase, store: SpaceStore) {
    self.database = database
    self.store = store
  }

  /// What grew is on disk.
  func keepGrown() { grown = [] }

  /// Forgets what is no longer on disk; after a rolled-back transaction.
  func forgetGrown() {
    for chain in grown {
      switch chain {
      case .account(let id): accounts[id] = nil
      case .organisation(let id): organisations[id] = nil
      case .team(let id): teams[id] = nil
      }
    }
    grown = []
  }

  /// Forgets everything, so that it is read and checked again.
  func forget() {
    accounts = [:]
    organisations = [:]
    teams = [:]
    grown = []
  }

  // MARK: Statements

  func statement(_ chain: ChainReference, at index: UInt64) throws -> SignedStatement? {
    try database.first(
      "SELECT statement FROM chain_statement WHERE chain = ? AND place = ?",
      .blob(chain.encoded), .integer(Int64(index))
    ) { try SignedStatement(decoding: $0.blob(0)) }
  }

  /// Statements from an index on, until about `byteCountMax` bytes; at least one if there is one.
  func statements(
    _ chain: ChainReference, from index: UInt64, byteCountMax: Int
  ) throws -> [SignedStatement] {
    guard index < Position.countMax else { return [] }
    var result: [SignedStatement] = []
    var byteCount = 0
    try database.withStatement(
      "SELECT statement FROM chain_statement WHERE chain = ? AND place >= ? ORDER BY place"
    ) { row in
      try row.bind([.blob(chain.encoded), .integer(Int64(index))])
      while try row.step() {
        let bytes = row.blob(0)
        byteCount += bytes.count
        if !result.isEmpty && byteCount > byteCountMax { break }
        result.append(try SignedStatement(decoding: bytes))
      }
    }
    return result
  }

  private func all(_ chain: ChainReference) throws -> [SignedStatement] {
    try statements(chain, from: 0, byteCountMax: .max)
  }

  private func store(_ signed: SignedStatement, _ chain: ChainReference) throws {
    grown.insert(chain)
    try database.run(
      "INSERT INTO chain_statement VALUES (?, ?, ?)", .blob(chain.encoded),
      .integer(Int64(signed.statement.index)), .blob(signed.encoded))
  }

  // MARK: Reduced chains

  func accountChain(_ account: AccountID) throws -> AccountChain? {
    if let chain = accounts[account] { return chain }
    let statements = try all(.account(account))
    guard let first = statements.first else { return nil }
    var chain = try AccountChain(first: first)
    for signed in statements.dropFirst() { try chain.append(signed) }
    return keep(chain, account, in: \.accounts)
  }

  func organisationChain(_ organisation: OrganisationID) throws -> OrganisationChain? {
    if let chain = organisations[organisation] { return chain }
    let statements = try all(.organisation(organisation))
    guard let first = statements.first else { return nil }
    var chain = try OrganisationChain(first: first, isSigned: isSigned(first))
    for signed in statements.dropFirst() { try chain.append(signed, isSigned: isSigned(signed)) }
    return keep(chain, organisation, in: \.organisations)
  }

  func teamChain(_ team: TeamID) throws -> TeamChain? {
    if let chain = teams[team] { return chain }
    let statements = try all(.team(team))
    guard let first = statements.first else { return nil }
    var chain = try makeTeam(first)
    for signed in statements.dropFirst() { try append(signed, to: &chain) }
    return keep(chain, team, in: \.teams)
  }

  private func keep<ID, Chain>(
    _ chain: Chain, _ id: ID, in cache: ReferenceWritableKeyPath<ChainStore, [ID: Chain]>
  ) -> Chain {
    if self[keyPath: cache].count >= Self.cachedCountMax { self[keyPath: cache] = [:] }
    self[keyPath: cache][id] = chain
    return chain
  }

  private func isSigned(_ signed: SignedStatement) throws -> Bool {
    try signed.isSignedByItsAuthor(self)
  }

  private func makeTeam(_ first: SignedStatement) throws -> TeamChain {
    var isAdmin = false
    if case .teamCreation(let creation) = first.statement.body {
      isAdmin = try self.isAdmin(first.statement.account, of: creation.organisation)
    }
    return try TeamChain(first: first, isSigned: isSigned(first), isAdmin: isAdmin)
  }

  private func append(_ signed: SignedStatement, to chain: inout TeamChain) throws {
    let isAdmin = try isAdmin(signed.statement.account, of: chain.organisation)
    try chain.append(signed, isSigned: isSigned(signed), isAdmin: isAdmin)
  }

  func isAdmin(_ account: AccountID?, of organisation: OrganisationID) throws -> Bool {
    guard let account else { return false }
    return try organisationChain(organisation)?.adminSince[account] != nil
  }

  func point(_ chain: ChainReference) throws -> ChainPoint? {
    switch chain {
    case .account(let id): try accountChain(id)?.head
    case .organisation(let id): try organisationChain(id)?.head
    case .team(let id): try teamChain(id)?.head
    }
  }

  // MARK: Growing

  /// Starts a chain with its first statement, which the reducers judge.
  ///
  /// - Throws: `ChainError`.
  func start(_ signed: SignedStatement) throws -> ChainReference {
    let chain: ChainReference
    switch signed.statement.body {
    case .accountCreation:
      let account = try AccountChain(first: signed)
      chain = .account(account.id)
      accounts[account.id] = account
    case .organisationCreation:
      let organisation = try OrganisationChain(first: signed, isSigned: isSigned(signed))
      chain = .organisation(organisation.id)
      organisations[organisation.id] = organisation
    case .teamCreation:
      let team = try makeTeam(signed)
      chain = .team(team.id)
      teams[team.id] = team
    default: throw ChainError.unexpected
    }
    try store(signed, chain)
    return chain
  }

  /// Appends the next statement, which the reducers judge: compare-and-set.
  ///
  /// - Throws: `ChainError`; `ErrorCode.notFound` for a chain that is not known.
  func append(_ signed: SignedStatement, to chain: ChainReference) throws {
    switch chain {
    case .account(let id):
      guard var account = try accountChain(id) else { throw ErrorCode.notFound }
      try account.append(signed)
      accounts[id] = account
    case .organisation(let id):
      guard var organisation = try organisationChain(id) else { throw ErrorCode.notFound }
      try organisation.append(signed, isSigned: isSigned(signed))
      organisations[id] = organisation
    case .team(let id):
      guard var team = try teamChain(id) else { throw ErrorCode.notFound }
      try append(signed, to: &team)
      teams[id] = team
    }
    try store(signed, chain)
  }

  // MARK: Assignments

  func consentCommit(
    _ space: SpaceID, at position: Position
  ) throws -> (origin: Origin, commit: Commit, entryHash: Digest)? {
    try store.acceptedCommit(space, at: position)
  }

  func members(of space: SpaceID) throws -> [AccountID: Role]? { try store.roles(in: space) }
}
