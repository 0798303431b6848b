import Database
import Merge
import Schemas
import Signing
import SpaceStore
import SyncProtocol

@testable import SyncServer

/// Reads logs as a device does: checks every page's hashes and signatures, and judges every entry
/// again with the same function.
final class TestReader: AuthoritySource {
  struct NotAcceptable: Error {
    let refusal: Refusal
  }

  struct Unfounded: Error {
    let refusal: Refusal
  }

  let device: TestDevice
  let store: SpaceStore
  private var chains: [ChainReference: [SignedStatement]] = [:]

  init(_ device: TestDevice) throws {
    self.device = device
    let database = try SQLiteDatabase.inMemory()
    let schema = BuiltInSchema.schema
    for statement in SpaceStore.allStatements {
      try database.execute(statement)
    }
    store = try SpaceStore(
      database: database, schema: schema, server: device.world.server.certificate.device,
      keepsHeads: false)
  }

  /// Takes in what is new of a space and gives its entries.
  @discardableResult
  func pull(_ space: SpaceID, byteCountMax: UInt64 = 1 << 20) throws -> [LogEntry] {
    chains = [:]
    var entries: [LogEntry] = []
    while true {
      let head = try store.head(space)
      let page = try device.call(
        Path.pull,
        PullRequest(
          space: space, incarnation: 0, after: head.position, byteCountMax: byteCountMax),
        LogPage.self)
      try take(page, from: head)
      entries += page.entries
      if page.head.head.position >= page.last { return entries }
    }
  }

  private func take(_ page: LogPage, from head: LogHead) throws {
    let space = head.space
    let verifier = PageVerifier(server: device.world.server.certificate)
    let points = try verifier.verify(page, from: head, ground: Ground(reader: self, space: space))
    let resolver = FactResolver(space: space, source: self)
    for (index, entry) in page.entries.enumerated() {
      let fact = try resolver.fact(entry)
      if case .refused(let refusal) = try store.judge(fact, in: space) {
        throw NotAcceptable(refusal: refusal)
      }
      if case .refusal(let origin, let commit, let refusal) = entry,
        case .unfounded = try store.find(refusal, of: commit, by: origin, in: space)
      {
        throw Unfounded(refusal: refusal)
      }
      try store.append(entry, fact, point: points[index], in: space)
    }
  }

  private struct Ground: PageGround {
    let reader: TestReader
    let space: SpaceID

    func journalPoint(_ replica: ReplicaID) throws -> JournalPoint {
      try reader.store.journalPoint(space, replica)
    }

    func identityKey(_ device: DeviceID) throws -> SigningPublicKey? {
      try reader.device.world.identityKey(device)
    }
  }

  // MARK: Chains

  private func statements(_ chain: ChainReference) throws -> [SignedStatement] {
    if let known = chains[chain] { return known }
    let answer = try device.call(
      Path.chains, ChainRequest(parts: [ChainPartRequest(chain: chain, from: 0)]),
      ChainResponse.self)
    chains[chain] = answer.parts.first?.statements ?? []
    return chains[chain] ?? []
  }

  func statement(_ chain: ChainReference, at index: UInt64) throws -> SignedStatement? {
    try statements(chain).first { $0.statement.index == index }
  }

  private func chain(_ reference: ChainReference) throws -> ReducedChain? {
    try ReducedChain(statements(reference), authority: self)
  }

  func accountChain(_ account: AccountID) throws -> AccountChain? {
    try chain(.account(account))?.account
  }

  func organisationChain(_ organisation: OrganisationID) throws -> OrganisationChain? {
    try chain(.organisation(organisation))?.organisation
  }

  func teamChain(_ team: TeamID) throws -> TeamChain? { try chain(.team(team))?.team }

  func members(of space: SpaceID) throws -> [AccountID: Role]? { try store.roles(in: space) }

  func consentCommits(_ space: SpaceID, at position: Position) throws -> [ConsentCommit] {
    try store.acceptedCommits(space, at: position)
  }
}

extension TestReader: ChainAuthority {
  func isSigned(_ head: SignedChainHead) -> Bool { true }

  func isSigned(_ statement: SignedStatement) throws -> Bool {
    try statement.isSignedByItsAuthor(self)
  }

  func isAdmin(_ account: AccountID, of organisation: OrganisationID) throws -> Bool {
    try organisationChain(organisation)?.adminSince[account] != nil
  }
}

extension World {
  /// The key of any device that the server has a chain for.
  func identityKey(_ device: DeviceID) throws -> SigningPublicKey? {
    try server.inspect { core in
      let accounts = try core.database.rows("SELECT id FROM account") { AccountID($0.blob(0)) }
      for case let account? in accounts {
        if let found = try core.chains.accountChain(account)?.devices[device] {
          return found.certificate.identity
        }
      }
      return nil
    }
  }
}
