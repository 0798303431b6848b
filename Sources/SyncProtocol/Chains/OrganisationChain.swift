import Merge
import Signing

/// An organisation's signed history: who administers it and who belongs to it in which role.
public struct OrganisationChain: Hashable, Sendable {
  public struct Member: Hashable, Sendable {
    public let role: Role
    /// Staff only.
    public let name: String?
    /// The account chain that the administrator saw.
    public let accountHead: ChainPoint
  }

  public let id: OrganisationID
  public let name: String
  public private(set) var head: ChainPoint
  public private(set) var hashes: [Digest]
  public private(set) var members: [AccountID: Member]
  /// In the order in which they were listed.
  public private(set) var teams: [TeamID]
  /// Where each administrator was named.
  public private(set) var adminSince: [AccountID: UInt64]

  /// Starts from the first statement.
  ///
  /// - Parameter isSigned: whether the author's certified device has signed the statement.
  public init(
    first signed: SignedStatement, isSigned: Bool
  ) throws(ChainError) {
    let statement = signed.statement
    guard case .organisationCreation(let creation) = statement.body,
      statement.subject == .newChain, statement.index == 0, statement.previous == nil,
      let founder = statement.account
    else { throw .unexpected }
    guard isSigned else { throw .badSignature }
    id = OrganisationID(signed.hash)
    name = creation.name
    head = signed.point
    hashes = [signed.hash]
    members = [founder: Member(role: .admin, name: nil, accountHead: creation.accountHead)]
    adminSince = [founder: 0]
    teams = []
  }

  /// Takes the next statement in.
  public mutating func append(_ signed: SignedStatement, isSigned: Bool) throws(ChainError) {
    let statement = signed.statement
    guard statement.subject == .chain(.organisation(id)) else { throw .unexpected }
    guard statement.index == head.index + 1, statement.previous == head.hash else {
      throw .superseded
    }
    guard isSigned else { throw .badSignature }
    guard let author = statement.account, adminSince[author] != nil else { throw .notAllowed }
    switch statement.body {
    case .organisationMember(let member): try add(member, at: statement.index)
    case .organisationTeam(let listed):
      guard !teams.contains(listed.team) else { throw .exists }
      teams.append(listed.team)
    default: throw .unexpected
    }
    head = signed.point
    hashes.append(signed.hash)
  }

  private mutating func add(_ member: OrganisationMember, at index: UInt64) throws(ChainError) {
    guard [.admin, .practitioner, .client].contains(member.role) else { throw .unexpected }
    guard member.role != .client || member.name == nil else { throw .unexpected }
    guard members[member.account] == nil else { throw .exists }
    members[member.account] = Member(
      role: member.role, name: member.name, accountHead: member.accountHead)
    if member.role == .admin { adminSince[member.account] = index }
  }

  public var admins: [AccountID] { adminSince.keys.sorted() }
}
