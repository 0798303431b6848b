import Merge
import Signing
import SyncProtocol
import Testing

struct DeviceRevocationTests {
  /// With three devices.
  private let account: TestAccount
  private let second = TestDevice(2)
  private let third = TestDevice(3)

  init() throws {
    var account = try TestAccount(1)
    try account.add(second)
    try account.add(third)
    self.account = account
  }

  private func refuses(_ error: ChainError, _ signed: SignedStatement, in other: TestAccount? = nil)
  {
    var chain = (other ?? account).chain
    let before = chain
    #expect(throws: error) { try chain.append(signed) }
    #expect(chain == before)
  }

  @Test func aDeviceGoesAndTheNextKeyComesAtOnce() throws {
    var account = account
    let before = account.chain
    let signed = account.revocation(of: second)
    try account.append(signed)
    guard case .deviceRevocation(let body) = signed.statement.body else { return }
    #expect(account.chain.isRevoked(second.id))
    #expect(account.chain.devices[second.id]?.revokedAt == signed.statement.index)
    #expect(
      account.chain.presentDevices.map(\.certificate.device) == [account.device.id, third.id])
    #expect(account.chain.accountKeys == before.accountKeys + [body.accountKey])
    #expect(account.chain.accountKey == body.accountKey)
    #expect(account.chain.keyGeneration == 1)
    #expect(account.chain.predecessors == [body.predecessor])
    for wrap in body.wraps {
      #expect(account.chain.devices[wrap.device]?.accountKeyWrap == wrap.hash)
    }
    // What it signed before stays its own.
    #expect(account.chain.devices[second.id]?.certificate == second.certificate)
  }

  @Test func aRevokedDeviceSaysNothingMore() throws {
    var account = account
    try account.append(account.revocation(of: second))
    refuses(.notAllowed, account.revocation(of: third, by: second, seed: 4), in: account)
  }

  @Test func aDeviceIsTakenOutOnce() throws {
    var account = account
    try account.append(account.revocation(of: second))
    refuses(
      .notAllowed,
      account.revocation(of: second, for: [account.device.id, third.id], seed: 4), in: account)
    refuses(.exists, account.sign(account.addition(of: second)), in: account)
    refuses(.notAllowed, account.revocation(of: TestDevice(9)), in: account)
  }

  @Test func noDeviceTakesItselfOut() {
    refuses(.notAllowed, account.revocation(of: second, by: second))
  }

  @Test func theNextKeyIsForExactlyThoseWhoStay() {
    let own = account.device.id
    for wrong in [[own], [own, second.id, third.id], [own, second.id], [], [own, own, third.id]] {
      refuses(.recipientsWrong, account.revocation(of: second, for: wrong))
    }
  }

  @Test func aKeyIsNotUsedTwice() throws {
    var account = account
    try account.append(account.revocation(of: second, seed: 6))
    refuses(.notAllowed, account.revocation(of: third, seed: 6), in: account)
    try account.append(account.revocation(of: third, seed: 7))
    #expect(account.chain.keyGeneration == 2)
    #expect(account.chain.presentDevices.count == 1)
  }

  @Test func theSecondOfTwoConcurrentRevocationsIsVoid() throws {
    var account = account
    let late = account.revocation(of: third, by: second, seed: 4)
    try account.append(account.revocation(of: second))
    refuses(.superseded, late, in: account)
  }

  @Test func nothingFollowsTheAccountsDeletion() throws {
    var account = account
    let deletion = account.sign(
      .chain(.account(account.id)), index: account.chain.head.index + 1,
      previous: account.chain.head.hash, .accountDeletion)
    try account.append(deletion)
    #expect(account.chain.isDeleted)
    #expect(account.chain.presentDevices.isEmpty)
    // No key followed it: there is nobody to wrap one for.
    #expect(account.chain.keyGeneration == self.account.chain.keyGeneration)
    refuses(.notAllowed, account.revocation(of: second), in: account)
  }
}
