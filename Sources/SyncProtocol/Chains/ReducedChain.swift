import Merge
import Signing

/// What a chain of any kind comes to: the one way from signed statements to something that counts.
public enum ReducedChain: Hashable, Sendable {
  case account(AccountChain)
  case organisation(OrganisationChain)
  case team(TeamChain)

  /// Starts from the first statement, which says of which kind the chain is.
  ///
  /// - Throws: ``ChainError``, or what the authority throws.
  public init(first: SignedStatement, authority: some ChainAuthority) throws {
    switch first.statement.body {
    case .accountCreation: self = .account(try AccountChain(first: first))
    case .organisationCreation:
      let isSigned = try authority.isSigned(first)
      self = .organisation(try OrganisationChain(first: first, isSigned: isSigned))
    case .teamCreation(let creation):
      let isSigned = try authority.isSigned(first)
      let isAdmin = try authority.isAuthorAdmin(first, of: creation.organisation)
      self = .team(try TeamChain(first: first, isSigned: isSigned, isAdmin: isAdmin))
    default: throw ChainError.unexpected
    }
  }

  /// The chain of these statements; `nil` if there are none.
  ///
  /// - Throws: ``ChainError``, or what the authority throws.
  public init?(_ statements: [SignedStatement], authority: some ChainAuthority) throws {
    guard let first = statements.first else { return nil }
    try self.init(first: first, authority: authority)
    try append(statements.dropFirst(), authority: authority)
  }

  /// Takes the next statements in, or throws at the first that cannot stand there and takes none.
  ///
  /// - Throws: ``ChainError``, or what the authority throws.
  public mutating func append(
    _ statements: some Sequence<SignedStatement>, authority: some ChainAuthority
  ) throws {
    switch self {
    case .account(var chain):
      for statement in statements {
        try chain.append(statement, areHeadsSigned: authority.areHeadsSigned(statement))
      }
      self = .account(chain)
    case .organisation(var chain):
      for statement in statements {
        try chain.append(statement, isSigned: authority.isSigned(statement))
      }
      self = .organisation(chain)
    case .team(var chain):
      for statement in statements {
        let isAdmin = try authority.isAuthorAdmin(statement, of: chain.organisation)
        try chain.append(statement, isSigned: authority.isSigned(statement), isAdmin: isAdmin)
      }
      self = .team(chain)
    }
  }

  public var reference: ChainReference {
    switch self {
    case .account(let chain): .account(chain.id)
    case .organisation(let chain): .organisation(chain.id)
    case .team(let chain): .team(chain.id)
    }
  }

  public var head: ChainPoint {
    switch self {
    case .account(let chain): chain.head
    case .organisation(let chain): chain.head
    case .team(let chain): chain.head
    }
  }

  /// `nil` if it is of another kind.
  public var account: AccountChain? {
    guard case .account(let chain) = self else { return nil }
    return chain
  }

  /// `nil` if it is of another kind.
  public var organisation: OrganisationChain? {
    guard case .organisation(let chain) = self else { return nil }
    return chain
  }

  /// `nil` if it is of another kind.
  public var team: TeamChain? {
    guard case .team(let chain) = self else { return nil }
    return chain
  }
}

extension ChainAuthority {
  /// Whether the server has signed every head of a chain that the statement carries.
  fileprivate func areHeadsSigned(_ statement: SignedStatement) throws -> Bool {
    switch statement.statement.body {
    case .deviceRevocation(let revocation):
      guard let waiting = revocation.waiting else { return false }
      return try isSigned(waiting.announced) && isSigned(waiting.present)
    case .chainMerge(let merge): return try isSigned(merge.abandoned)
    default: return false
    }
  }

  fileprivate func isAuthorAdmin(
    _ statement: SignedStatement, of organisation: OrganisationID
  ) throws -> Bool {
    guard let author = statement.statement.account else { return false }
    return try isAdmin(author, of: organisation)
  }
}
