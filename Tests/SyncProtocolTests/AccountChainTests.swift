import Merge
import Signing
import SyncProtocol
import Testing

struct AccountChainTests {
  private let account: TestAccount
  private let second = TestDevice(2)

  init() throws { account = try TestAccount(1) }

  private func refuses(_ error: ChainError, _ statement: SignedStatement) {
    var chain = account.chain
    #expect(throws: error) { try chain.append(statement) }
    #expect(chain == account.chain)
  }

  // MARK: The first statement

  @Test func itsIDIsTheHashOfItsFirstStatement() {
    let first = account.statements[0]
    #expect(account.id.digest == first.hash)
    #expect(account.chain.head == first.point)
    #expect(account.chain.contains(first.point))
    #expect(account.chain.devices[account.device.id]?.certificate == account.device.certificate)
    #expect(account.chain.accountKeys.count == 1)
  }

  @Test func theFirstStatementIsSignedByItsDevice() {
    let forged = SignedStatement(TestAccount.creation(account.device), key: second.identity)
    #expect(throws: ChainError.badSignature) { try AccountChain(first: forged) }
  }

  @Test func theFirstStatementIsACreation() {
    let addition = account.sign(account.addition(of: second))
    #expect(throws: ChainError.unexpected) { try AccountChain(first: addition) }
    let base = TestAccount.creation(account.device)
    let variants: [(UInt64, Digest?, AccountID?, DeviceID)] = [
      (1, nil, nil, base.device), (0, .zero, nil, base.device),
      (0, nil, account.id, base.device), (0, nil, nil, second.id),
    ]
    for (index, previous, id, device) in variants {
      let statement = Statement(
        subject: .newChain, index: index, previous: previous, account: id, device: device,
        timeMilliseconds: 1, body: base.body)
      let signed = account.sign(statement)
      #expect(throws: ChainError.unexpected) { try AccountChain(first: signed) }
    }
  }

  // MARK: Adding devices

  @Test func aDeviceIsAddedByOneThatTheAccountHas() throws {
    var account = account
    try account.add(second)
    #expect(account.chain.head.index == 1)
    #expect(account.chain.hashes.count == 2)
    #expect(
      account.chain.devicesInOrder.map(\.certificate.device) == [account.device.id, second.id])
    #expect(account.chain.contains(account.statements[1].point))
    #expect(!account.chain.contains(ChainPoint(index: 2, hash: .zero)))
    #expect(!account.chain.contains(ChainPoint(index: 1, hash: .zero)))
    // The new one may add the next.
    let third = TestDevice(3)
    let statement = account.addition(of: third)
    let bySecond = Statement(
      subject: statement.subject, index: statement.index, previous: statement.previous,
      account: account.id, device: second.id, timeMilliseconds: 4, body: statement.body)
    var chain = account.chain
    try chain.append(SignedStatement(bySecond, key: second.identity))
    #expect(chain.devices.count == 3)
  }

  @Test func aStatementIsSignedByItsAuthorsDevice() {
    refuses(
      .badSignature, SignedStatement(account.addition(of: second), key: second.identity))
  }

  @Test func aNewDeviceProvesItsKey() throws {
    let other = try TestAccount(4)
    let wrong = [
      account.device.proof(for: account.id), second.proof(for: other.id),
      second.identity.sign(second.certificate.proofMessage(for: account.id), .statement),
    ]
    for proof in wrong {
      refuses(.badSignature, account.sign(account.addition(of: second, proof: proof)))
    }
  }

  @Test func aStatementStandsNextToTheOneItNames() {
    let head = account.chain.head
    refuses(.superseded, account.sign(account.addition(of: second, index: head.index)))
    refuses(.superseded, account.sign(account.addition(of: second, index: head.index + 2)))
    refuses(.superseded, account.sign(account.addition(of: second, previous: .zero)))
  }

  @Test func theSecondOfTwoConcurrentStatementsIsVoid() throws {
    var account = account
    let late = account.sign(account.addition(of: TestDevice(3)))
    try account.add(second)
    var chain = account.chain
    #expect(throws: ChainError.superseded) { try chain.append(late) }
  }

  @Test func anUnknownDeviceAddsNothing() {
    let statement = Statement(
      subject: .chain(.account(account.id)), index: 1, previous: account.chain.head.hash,
      account: account.id, device: second.id, timeMilliseconds: 2,
      body: account.addition(of: second).body)
    refuses(.notAllowed, SignedStatement(statement, key: second.identity))
  }

  @Test func aDeviceIsAddedOnce() {
    refuses(.exists, account.sign(account.addition(of: account.device)))
  }

  @Test func anAccountHasSoManyDevicesAndNoMore() throws {
    var account = account
    let (kit, restored) = (TestDevice(900), TestDevice(901))
    try account.append(account.announcement(of: kit))
    let countMax = AccountChain.deviceCountMax - AccountChain.keptForKitsCount
    for seed in 3...UInt64(countMax) { try account.add(TestDevice(1000 + seed)) }
    #expect(account.chain.devices.count == countMax)
    #expect(throws: ChainError.notAllowed) { try account.add(second) }
    // There is room for what the kit lets in, up to the last.
    try account.append(account.sign(account.addition(of: restored), by: kit))
    for seed in 2...UInt64(AccountChain.keptForKitsCount) {
      try account.append(account.sign(account.addition(of: TestDevice(2000 + seed)), by: restored))
    }
    #expect(account.chain.devices.count == AccountChain.deviceCountMax)
    #expect(throws: ChainError.notAllowed) {
      try account.append(account.sign(account.addition(of: second), by: kit))
    }
  }

  @Test func statementsOfOtherChainsAndKindsDoNotBelong() throws {
    let other = try TestAccount(4)
    refuses(.unexpected, other.sign(other.addition(of: second)))
    refuses(.unexpected, account.statements[0])
    let next = account.chain.head
    refuses(
      .unexpected,
      account.sign(
        .chain(.account(account.id)), index: 1, previous: next.hash, .engagementEnd))
    refuses(
      .unexpected,
      account.sign(
        .chain(.team(TeamID(next.hash))), index: 1, previous: next.hash, .engagementEnd))
  }

  // MARK: Heads

  @Test func aHeadIsSignedByTheServer() {
    let server = Generator.keys[0]
    let head = SignedChainHead(
      chain: .account(account.id), point: account.chain.head, timeMilliseconds: 9, key: server)
    #expect(head.isSigned(by: server.publicKey))
    #expect(!head.isSigned(by: Generator.keys[1].publicKey))
  }
}
