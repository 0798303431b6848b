import CBOR
import Database
import Merge
import Signing
import SpaceStore
import SyncProtocol

/// The verified account, organisation and team chains that this device has met.
///
/// A chain is checked statement by statement before it is stored, and can only grow: a head that
/// contradicts what is stored is a fork, and evidence.
package final class ChainStore: AuthoritySource {
  private let database: any SQLDatabase
  private let store: SpaceStore
  /// The server's key for heads.
  private let log: SigningPublicKey
  private var reduced: [ChainReference: ReducedChain] = [:]
  private var accountByDevice: [DeviceID: AccountID] = [:]
  /// Chains that grew since the last transaction ended.
  private var grown: Set<ChainReference> = []

  package init(database: any SQLDatabase, store: SpaceStore, log: SigningPublicKey) {
    self.database = database
    self.store = store
    self.log = log
  }

  // MARK: Reading

  package func statement(_ chain: ChainReference, at index: UInt64) throws -> SignedStatement? {
    try database.first(
      "SELECT statement FROM chain_statement WHERE chain = ? AND number = ?",
      .blob(chain.encoded), .integer(Int64(index))
    ) { try SignedStatement(decoding: $0.blob(0)) }
  }

  /// The server's last signature over what is held of a chain.
  func signedHead(_ chain: ChainReference) throws -> SignedChainHead? {
    try database.first("SELECT head FROM chain_head WHERE chain = ?", .blob(chain.encoded)) {
      try SignedChainHead(decoding: $0.blob(0))
    }
  }

  package func statements(_ chain: ChainReference) throws -> [SignedStatement] {
    try database.rows(
      "SELECT statement FROM chain_statement WHERE chain = ? ORDER BY number",
      .blob(chain.encoded)
    ) { try SignedStatement(decoding: $0.blob(0)) }
  }

  func length(_ chain: ChainReference) throws -> UInt64 {
    try database.first(
      "SELECT COUNT(*) FROM chain_statement WHERE chain = ?", .blob(chain.encoded)
    ) { UInt64($0.integer(0)) } ?? 0
  }

  /// Every chain that is known, sorted.
  func references() throws -> [ChainReference] {
    try database.rows("SELECT DISTINCT chain FROM chain_statement") {
      try ChainReference(decoding: $0.blob(0))
    }.sorted()
  }

  private func chain(_ reference: ChainReference) throws -> ReducedChain? {
    if let chain = reduced[reference] { return chain }
    guard let chain = try ReducedChain(statements(reference), authority: self) else { return nil }
    keep(chain)
    return chain
  }

  private func keep(_ chain: ReducedChain) {
    reduced[chain.reference] = chain
    guard let account = chain.account else { return }
    for device in account.devices.keys { accountByDevice[device] = account.id }
  }

  package func accountChain(_ account: AccountID) throws -> AccountChain? {
    try chain(.account(account))?.account
  }

  package func organisationChain(_ organisation: OrganisationID) throws -> OrganisationChain? {
    try chain(.organisation(organisation))?.organisation
  }

  package func teamChain(_ team: TeamID) throws -> TeamChain? { try chain(.team(team))?.team }

  package func consentCommits(_ space: SpaceID, at position: Position) throws -> [ConsentCommit] {
    try store.acceptedCommits(space, at: position)
  }

  package func members(of space: SpaceID) throws -> [AccountID: Role]? {
    try store.roles(in: space)
  }

  /// The account that a device belongs to, and its certificate.
  func device(_ device: DeviceID) throws -> (account: AccountID, certificate: DeviceCertificate)? {
    if accountByDevice[device] == nil { try loadAccounts() }
    guard let account = accountByDevice[device],
      let certificate = try accountChain(account)?.devices[device]?.certificate
    else { return nil }
    return (account, certificate)
  }

  private func loadAccounts() throws {
    for case .account(let account) in try references() { _ = try accountChain(account) }
  }

  // MARK: Checking

  /// Reads a chain again from its first statement, as it lies in the database.
  ///
  /// - Throws: ``ReplicaError/homeDamaged(_:)``, `ChainError`, `FactError` or `WireError`.
  func verify(_ reference: ChainReference) throws {
    let numbers = try database.rows(
      "SELECT number FROM chain_statement WHERE chain = ? ORDER BY number",
      .blob(reference.encoded)
    ) { $0.integer(0) }
    guard numbers == Array(0..<Int64(numbers.count)), let found = try chain(reference),
      found.reference == reference
    else { throw ReplicaError.homeDamaged("chain") }
  }

  /// Drops a chain that does not verify, so that it can be fetched once more.
  func drop(_ reference: ChainReference) throws {
    try database.run("DELETE FROM chain_statement WHERE chain = ?", .blob(reference.encoded))
    forget()
  }

  // MARK: Growing

  /// The server has signed two heads for one place of a chain.
  struct Fork: Error {
    let what: String
  }

  /// Checks new statements and stores them.
  ///
  /// - Parameter server: the pinned certificate; a statement counts only under its signed head.
  /// - Throws: ``Fork``; ``FactError/missing(_:)`` where an author's chain has to be fetched first.
  func append(_ part: ChainPart, server: ServerCertificate) throws {
    let chain = part.head.chain
    guard part.head.isSigned(by: server.log) else {
      throw ReplicaError.dishonest("a chain head is not signed by the server")
    }
    let known = try statements(chain)
    var all = known
    for statement in part.statements {
      let index = Int(statement.statement.index)
      if index < all.count {
        guard all[index].hash == statement.hash else {
          throw Fork(what: "a chain was shown with two histories")
        }
      } else {
        guard index == all.count else { throw ReplicaError.dishonest("a chain has a gap") }
        all.append(statement)
      }
    }
    let headIndex = Int(part.head.point.index)
    guard headIndex < all.count, all[headIndex].hash == part.head.point.hash else {
      let what = "a chain's head is not on the chain"
      guard headIndex >= known.count else { throw Fork(what: what) }
      throw ReplicaError.dishonest(what)
    }
    guard headIndex == all.count - 1 else {
      throw ReplicaError.dishonest("a chain was rolled back")
    }
    if let last = known.last, all.count > known.count,
      all[known.count].statement.previous != last.hash
    {
      // The server has signed what follows from another statement than the one that it had signed.
      throw Fork(what: "a chain does not verify (\(ChainError.superseded))")
    }
    try check(chain, all, knownCount: known.count)
    for statement in all.dropFirst(known.count) {
      try database.run(
        "INSERT INTO chain_statement VALUES (?, ?, ?)", .blob(chain.encoded),
        .integer(Int64(statement.statement.index)), .blob(statement.encoded))
    }
    try keep(part.head)
  }

  /// How much older than the newest one the server's last word on a chain may be that is kept: the days
  /// until a kit counts are told by it.
  private static let headAgeMillisecondsMax: UInt64 = 60 * 60 * 1000

  /// Whether a part, asked for from the end of what is held, says that there is no more, and what is kept
  /// says so too: what most answers come to, for which nothing is written.
  func isKnown(_ part: ChainPart, server: ServerCertificate) throws -> Bool {
    guard part.statements.isEmpty, let kept = try signedHead(part.head.chain),
      kept.point == part.head.point, part.head.timeMilliseconds >= kept.timeMilliseconds,
      part.head.timeMilliseconds - kept.timeMilliseconds < Self.headAgeMillisecondsMax,
      try length(part.head.chain) == kept.point.index + 1,
      try statement(part.head.chain, at: kept.point.index)?.hash == kept.point.hash
    else { return false }
    return part.head == kept || part.head.isSigned(by: server.log)
  }

  /// The server's word for a chain's end: it is shown to a server that has lost the chain.
  func keep(_ head: SignedChainHead) throws {
    try database.run(
      "INSERT OR REPLACE INTO chain_head VALUES (?, ?)", .blob(head.chain.encoded),
      .blob(head.encoded))
  }

  /// Reduces what is new of a chain, which checks it, and keeps what came of it. What is stored was
  /// checked when it came, and is once more when it is first read after a start.
  private func check(
    _ reference: ChainReference, _ all: [SignedStatement], knownCount: Int
  ) throws {
    guard all.count > knownCount else { return }
    do {
      var chain = try chain(reference)
      if chain == nil {
        chain = try ReducedChain(all, authority: self)
      } else {
        try chain?.append(all.dropFirst(knownCount), authority: self)
      }
      guard let chain, chain.reference == reference else {
        throw ReplicaError.dishonest("a chain is of somebody else")
      }
      grown.insert(reference)
      keep(chain)
    } catch let error as ChainError {
      throw ReplicaError.dishonest("a chain does not verify (\(error))")
    }
  }

  /// What grew is on disk.
  func keepGrown() { grown = [] }

  /// Forgets what may no longer be on disk; after a rolled-back transaction. Inside of another one it
  /// can be read again before that one is rolled back too: so it still counts as grown.
  func forgetGrown() {
    for chain in grown { reduced[chain] = nil }
    accountByDevice = accountByDevice.filter { !grown.contains(.account($0.value)) }
  }

  /// Forgets everything, so that it is read and checked again.
  func forget() {
    reduced = [:]
    accountByDevice = [:]
    grown = []
  }
}

extension ChainStore: ChainAuthority {
  /// - Throws: ``FactError/missing(_:)`` where the author's chain has to be fetched first.
  package func isSigned(_ statement: SignedStatement) throws -> Bool {
    guard let account = statement.statement.account else { return false }
    guard try accountChain(account)?.devices[statement.statement.device] != nil else {
      throw FactError.missing(.chain(.account(account)))
    }
    return try statement.isSignedByItsAuthor(self)
  }

  package func isSigned(_ head: SignedChainHead) -> Bool { head.isSigned(by: log) }

  /// - Throws: ``FactError/missing(_:)`` where the organisation's chain has to be fetched first.
  package func isAdmin(_ account: AccountID, of organisation: OrganisationID) throws -> Bool {
    guard let chain = try organisationChain(organisation) else {
      throw FactError.missing(.chain(.organisation(organisation)))
    }
    return chain.adminSince[account] != nil
  }
}
