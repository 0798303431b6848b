import Merge
import Signing

/// A team's signed history: who was proposed, who was let in by a member, and the team's key.
public struct TeamChain: Hashable, Sendable {
  public let id: TeamID
  public let organisation: OrganisationID
  public let name: String
  public private(set) var head: ChainPoint
  public private(set) var hashes: [Digest]
  /// Proposed by an administrator and not yet let in.
  public private(set) var proposals: [AccountID: ChainPoint]
  /// Each member, and the present key's wrap for it.
  public private(set) var members: [AccountID: Digest]
  /// Where each member was let in.
  public private(set) var memberSince: [AccountID: UInt64]
  /// Generations of the team's key, oldest first; empty until the first member makes one.
  public private(set) var keys: [ExchangePublicKey]

  /// Starts from the first statement.
  ///
  /// - Parameters:
  ///   - isSigned: whether the author's certified device has signed the statement.
  ///   - isAdmin: whether the author administers the organisation that the statement names.
  public init(
    first signed: SignedStatement, isSigned: Bool, isAdmin: Bool
  ) throws(ChainError) {
    let statement = signed.statement
    guard case .teamCreation(let creation) = statement.body, statement.subject == .newChain,
      statement.index == 0, statement.previous == nil
    else { throw .unexpected }
    guard isSigned else { throw .badSignature }
    guard isAdmin else { throw .notAllowed }
    id = TeamID(signed.hash)
    organisation = creation.organisation
    name = creation.name
    head = signed.point
    hashes = [signed.hash]
    proposals = [:]
    members = [:]
    memberSince = [:]
    keys = []
  }

  /// Takes the next statement in.
  public mutating func append(
    _ signed: SignedStatement, isSigned: Bool, isAdmin: Bool
  ) throws(ChainError) {
    let statement = signed.statement
    guard statement.subject == .chain(.team(id)), let author = statement.account else {
      throw .unexpected
    }
    guard statement.index == head.index + 1, statement.previous == head.hash else {
      throw .superseded
    }
    guard isSigned else { throw .badSignature }
    switch statement.body {
    case .teamProposal(let proposal): try propose(proposal, isAdmin: isAdmin)
    case .teamKey(let key): try start(key, by: author, at: statement.index)
    case .teamAdmission(let admission): try admit(admission, by: author, at: statement.index)
    default: throw .unexpected
    }
    head = signed.point
    hashes.append(signed.hash)
  }

  private mutating func propose(_ proposal: TeamProposal, isAdmin: Bool) throws(ChainError) {
    guard isAdmin else { throw .notAllowed }
    guard members[proposal.account] == nil, proposals[proposal.account] == nil else {
      throw .exists
    }
    proposals[proposal.account] = proposal.accountHead
  }

  /// The first member has nobody to be let in by, and makes the first key.
  private mutating func start(
    _ key: TeamKey, by author: AccountID, at index: UInt64
  ) throws(ChainError) {
    guard keys.isEmpty, members.isEmpty, proposals[author] != nil else { throw .notAllowed }
    guard key.generation == 0, key.wraps.count == 1, let wrap = key.wraps.first,
      wrap.account == author
    else { throw .recipientsWrong }
    proposals[author] = nil
    members[author] = wrap.hash
    memberSince[author] = index
    keys.append(key.key)
  }

  private mutating func admit(
    _ admission: TeamAdmission, by author: AccountID, at index: UInt64
  ) throws(ChainError) {
    guard members[author] != nil, let proposed = proposals[admission.account],
      proposed == admission.accountHead
    else { throw .notAllowed }
    proposals[admission.account] = nil
    members[admission.account] = admission.wrap
    memberSince[admission.account] = index
  }

  /// The present key, once there is one.
  public var key: ExchangePublicKey? { keys.last }
}
