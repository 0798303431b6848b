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
  /// This server's own key for heads.
  private let log: SigningPublicKey
  private var reduced: [ChainReference: ReducedChain] = [:]
  /// Statements that were stored since the start, also those that were rolled back: while it is the same,
  /// no chain has grown.
  private(set) var growthCount: UInt64 = 0
  /// Chains that grew since the last transaction ended.
  private var grown: Set<ChainReference> = []

  /// Reduced chains kept in memory.
  private static let reducedCountMax = 20_000

  init(database: SQLiteDatabase, store: SpaceStore, log: SigningPublicKey) {
    self.database = database
    self.store = store
    self.log = log
  }

  /// What grew is on disk.
  ///
  /// - Returns: the chains.
  func keepGrown() -> Set<ChainReference> {
    defer { grown = [] }
    return grown
  }

  /// Forgets what is no longer on disk; after a rolled-back transaction.
  func forgetGrown() {
    for chain in grown { reduced[chain] = nil }
    grown = []
  }

  /// Forgets everything, so that it is read and checked again.
  func forget() {
    growthCount += 1
    reduced = [:]
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

  private func store(_ signed: SignedStatement, _ chain: ChainReference) throws {
    grown.insert(chain)
    growthCount += 1
    try database.run(
      "INSERT INTO chain_statement VALUES (?, ?, ?)", .blob(chain.encoded),
      .integer(Int64(signed.statement.index)), .blob(signed.encoded))
  }

  // MARK: Reduced chains

  private func chain(_ reference: ChainReference) throws -> ReducedChain? {
    if let chain = reduced[reference] { return chain }
    let statements = try statements(reference, from: 0, byteCountMax: .max)
    guard let chain = try ReducedChain(statements, authority: self) else { return nil }
    if reduced.count >= Self.reducedCountMax { reduced = [:] }
    reduced[reference] = chain
    return chain
  }

  func accountChain(_ account: AccountID) throws -> AccountChain? {
    try chain(.account(account))?.account
  }

  func organisationChain(_ organisation: OrganisationID) throws -> OrganisationChain? {
    try chain(.organisation(organisation))?.organisation
  }

  func teamChain(_ team: TeamID) throws -> TeamChain? { try chain(.team(team))?.team }

  func point(_ reference: ChainReference) throws -> ChainPoint? { try chain(reference)?.head }

  // MARK: Checking

  /// Every chain that is known, sorted.
  func references() throws -> [ChainReference] {
    try database.rows("SELECT DISTINCT chain FROM chain_statement") {
      try ChainReference(decoding: $0.blob(0))
    }.sorted()
  }

  /// Whether a chain is what its signed statements say, read again from the first.
  ///
  /// - Throws: `StateError`, `ChainError` or `WireError` where it is not.
  func verify(_ reference: ChainReference) throws {
    let places = try database.rows(
      "SELECT place FROM chain_statement WHERE chain = ? ORDER BY place", .blob(reference.encoded)
    ) { $0.integer(0) }
    guard places == Array(0..<Int64(places.count)), let found = try chain(reference),
      found.reference == reference
    else { throw StateError.damaged }
  }

  // MARK: Growing

  /// Starts a chain with its first statement, which the reducers judge.
  ///
  /// - Throws: `ChainError`.
  func start(_ signed: SignedStatement) throws -> ChainReference {
    let chain = try ReducedChain(first: signed, authority: self)
    reduced[chain.reference] = chain
    try store(signed, chain.reference)
    return chain.reference
  }

  /// Appends the next statement, which the reducers judge: compare-and-set.
  ///
  /// - Throws: `ChainError`; `ErrorCode.notFound` for a chain that is not known.
  func append(_ signed: SignedStatement, to reference: ChainReference) throws {
    guard var chain = try chain(reference) else { throw ErrorCode.notFound }
    try chain.append(CollectionOfOne(signed), authority: self)
    reduced[reference] = chain
    try store(signed, reference)
  }

  // MARK: Assignments

  func consentCommits(_ space: SpaceID, at position: Position) throws -> [ConsentCommit] {
    try store.acceptedCommits(space, at: position)
  }

  func members(of space: SpaceID) throws -> [AccountID: Role]? { try store.roles(in: space) }
}

extension ChainStore: ChainAuthority {
  func isSigned(_ statement: SignedStatement) throws -> Bool {
    try statement.isSignedByItsAuthor(self)
  }

  func isSigned(_ head: SignedChainHead) -> Bool { head.isSigned(by: log) }

  func isAdmin(_ account: AccountID, of organisation: OrganisationID) throws -> Bool {
    try organisationChain(organisation)?.adminSince[account] != nil
  }
}
