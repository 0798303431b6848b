import Merge
import Schemas
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

  /// The present version of a record type of the organisation.
  public struct DeclaredType: Hashable, Sendable {
    public let type: RecordType
    /// The statement that declared it.
    public let point: ChainPoint
  }

  public let id: OrganisationID
  public let name: String
  public private(set) var head: ChainPoint
  public private(set) var hashes: [Digest]
  public private(set) var members: [AccountID: Member]
  /// In the order in which they were listed.
  public private(set) var teams: [TeamID]
  /// The team whose key holders can open emergency deposits together with the server: the one that was
  /// named last.
  public private(set) var emergencyTeam: TeamID?
  /// Record types of its own, by name.
  public private(set) var types: [String: DeclaredType]
  /// Versions of all types, present and earlier ones.
  private var typeVersionCount: Int
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
    types = [:]
    typeVersionCount = 0
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
    case .organisationEmergencyTeam(let named):
      guard teams.contains(named.team) else { throw .unexpected }
      emergencyTeam = named.team
    case .organisationType(let declared): try declare(declared, at: signed.point)
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

  /// Whoever reads the chain checks the file anew, so that nobody has to believe that somebody did.
  private mutating func declare(
    _ declared: OrganisationType, at point: ChainPoint
  ) throws(ChainError) {
    guard typeVersionCount < OrganisationTypeCheck.versionCountMax,
      case .fits(let type) = typeCheck.check(declared.file)
    else { throw .unexpected }
    types[type.name] = DeclaredType(type: type, point: point)
    typeVersionCount += 1
  }

  /// What a next type has to hold against.
  public var typeCheck: OrganisationTypeCheck {
    OrganisationTypeCheck(
      organisation: id, types: types.values.map(\.type).sorted { $0.name < $1.name })
  }

  public var admins: [AccountID] { adminSince.keys.sorted() }
}
