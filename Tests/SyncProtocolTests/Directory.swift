import Merge
import Signing
import SyncProtocol

/// Verified chains in dictionaries.
struct Directory: AuthoritySource {
  var accounts: [AccountID: AccountChain] = [:]
  var organisations: [OrganisationID: OrganisationChain] = [:]
  var teams: [TeamID: TeamChain] = [:]
  var statements: [ChainReference: [SignedStatement]] = [:]
  var consents: [SpaceID: [Position: (origin: Origin, commit: Commit, entryHash: Digest)]] = [:]

  var members: [SpaceID: [AccountID: Role]] = [:]

  init(_ accounts: [TestAccount] = []) { for account in accounts { add(account) } }

  mutating func add(_ account: TestAccount) {
    accounts[account.id] = account.chain
    statements[.account(account.id)] = account.statements
  }

  func accountChain(_ account: AccountID) -> AccountChain? { accounts[account] }

  func statement(_ chain: ChainReference, at index: UInt64) -> SignedStatement? {
    guard let all = statements[chain], index < UInt64(all.count) else { return nil }
    return all[Int(index)]
  }

  func organisationChain(_ organisation: OrganisationID) -> OrganisationChain? {
    organisations[organisation]
  }

  func teamChain(_ team: TeamID) -> TeamChain? { teams[team] }

  func consentCommits(_ space: SpaceID, at position: Position) -> [ConsentCommit] {
    guard let found = consents[space]?[position] else { return [] }
    let header = found.commit.header
    let stamp = CommitStamp(
      position: position,
      authorship: Authorship(origin: header.origin ?? found.origin, time: header.time),
      seen: header.context.position)
    return [ConsentCommit(commit: found.commit, stamp: stamp, entryHash: found.entryHash)]
  }

  func members(of space: SpaceID) -> [AccountID: Role]? { members[space] }
}
