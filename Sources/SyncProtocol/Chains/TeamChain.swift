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
  /// For which generation of each member's account key that wrap is.
  public private(set) var keyGenerations: [AccountID: UInt64]
  /// Generations of the team's key, oldest first; empty until the first member makes one.
  public private(set) var keys: [ExchangePublicKey]
  /// Wraps of each generation but the newest, sealed to the one after it; `nil` where the team began
  /// anew with somebody who never held it.
  public private(set) var predecessors: [Digest?]
  /// Whether a member was removed who held the present key.
  public private(set) var isKeyOwed: Bool

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
    keyGenerations = [:]
    keys = []
    predecessors = []
    isKeyOwed = false
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
    case .teamKey(let key): try take(key, by: author, at: statement.index)
    case .teamAdmission(let admission): try admit(admission, by: author, at: statement.index)
    case .teamRemoval(let removal): try remove(removal.account, by: author, isAdmin: isAdmin)
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

  /// The first key, and that of a team that had lost all members, makes its author the only member;
  /// every other one is made by a member, for exactly the members, and opens the one before unless its
  /// author does not hold that one: its wraps may be lost with a server.
  private mutating func take(
    _ key: TeamKey, by author: AccountID, at index: UInt64
  ) throws(ChainError) {
    let begins = members.isEmpty
    guard begins ? proposals[author] != nil : members[author] != nil, !keys.contains(key.key) else {
      throw .notAllowed
    }
    let recipients = begins ? [author] : members.keys.sorted()
    guard key.generation == UInt64(keys.count), key.wraps.map(\.account) == recipients,
      !begins || key.predecessor == nil
    else { throw .recipientsWrong }
    if begins {
      proposals[author] = nil
      memberSince[author] = index
    }
    for wrap in key.wraps {
      members[wrap.account] = wrap.hash
      keyGenerations[wrap.account] = wrap.keyGeneration
    }
    if !keys.isEmpty { predecessors.append(key.predecessor) }
    keys.append(key.key)
    isKeyOwed = false
  }

  private mutating func remove(
    _ account: AccountID, by author: AccountID, isAdmin: Bool
  ) throws(ChainError) {
    guard members[account] != nil, isAdmin || members[author] != nil else { throw .notAllowed }
    members[account] = nil
    memberSince[account] = nil
    keyGenerations[account] = nil
    isKeyOwed = true
  }

  private mutating func admit(
    _ admission: TeamAdmission, by author: AccountID, at index: UInt64
  ) throws(ChainError) {
    guard members[author] != nil, let proposed = proposals[admission.account],
      proposed == admission.accountHead
    else { throw .notAllowed }
    proposals[admission.account] = nil
    members[admission.account] = admission.wrap
    keyGenerations[admission.account] = admission.keyGeneration
    memberSince[admission.account] = index
  }

  /// The present key, once there is one.
  public var key: ExchangePublicKey? { keys.last }

  /// The generation of ``key``, from 0; `nil` where there is none.
  public var keyGeneration: UInt64? { keys.isEmpty ? nil : UInt64(keys.count - 1) }
}
