import Merge
import Signing
import SyncProtocol

/// A team, its chain, and the statements that its people make.
struct TestTeam {
  let admin: TestAccount
  private(set) var chain: TeamChain
  private(set) var statements: [SignedStatement]

  init(admin: TestAccount) throws {
    self.admin = admin
    let first = Self.creation(admin)
    chain = try TeamChain(first: first, isSigned: true, isAdmin: true)
    statements = [first]
  }

  static func creation(_ admin: TestAccount) -> SignedStatement {
    var generator = Generator(seed: 7)
    return admin.sign(
      .newChain, .teamCreation(TeamCreation(organisation: generator.id(), name: "Surgery")))
  }

  func next(_ author: TestAccount, _ body: StatementBody) -> SignedStatement {
    author.sign(
      .chain(.team(chain.id)), index: chain.head.index + 1, previous: chain.head.hash, body)
  }

  func proposal(of account: TestAccount, by author: TestAccount? = nil) -> SignedStatement {
    next(
      author ?? admin,
      .teamProposal(TeamProposal(account: account.id, accountHead: account.chain.head)))
  }

  func key(
    by author: TestAccount, generation: UInt64 = 0, for members: [TestAccount]? = nil,
    predecessor: Digest? = nil, seed: UInt64 = 8
  ) -> SignedStatement {
    var generator = Generator(seed: seed)
    let wraps = (members ?? [author]).map { TeamKey.Wrap(account: $0.id, hash: .zero) }
    return next(
      author,
      .teamKey(
        TeamKey(
          generation: generation, key: generator.octets(), wraps: wraps, predecessor: predecessor)))
  }

  func removal(of account: TestAccount, by author: TestAccount) -> SignedStatement {
    next(author, .teamRemoval(TeamRemoval(account: account.id)))
  }

  func admission(
    of account: TestAccount, by author: TestAccount, head: ChainPoint? = nil
  ) -> SignedStatement {
    next(
      author,
      .teamAdmission(
        TeamAdmission(
          account: account.id, accountHead: head ?? account.chain.head, wrap: .zero)))
  }

  mutating func append(_ signed: SignedStatement, isSigned: Bool = true) throws {
    try chain.append(signed, isSigned: isSigned, isAdmin: signed.statement.account == admin.id)
    statements.append(signed)
  }
}
