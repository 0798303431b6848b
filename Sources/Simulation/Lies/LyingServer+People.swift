import Merge
import Signing
import SyncProtocol

/// Lies about whom an account is: devices and keys of the server's own.
extension LyingServer {
  func withGhost(_ lie: Lie, _ part: ChainPart, _ victim: Party) throws -> ChainPart {
    guard case .account(let account) = part.head.chain else { return part }
    let known = try victim.held.chains.statements(part.head.chain)
    if lie == .substitutedAccount {
      return known.isEmpty ? chainPart(part.head.chain, [ownAccount]) : part
    }
    let all = known + part.statements.filter { $0.statement.index >= UInt64(known.count) }
    guard let last = all.last else { return part }
    return chainPart(
      part.head.chain, all.dropFirst(known.count) + [ghost(of: account, after: last)])
  }

  /// A device whose keys the server holds, with a good proof, added in the name of the device that
  /// signed last.
  private func ghost(of account: AccountID, after last: SignedStatement) -> SignedStatement {
    let identity = SigningKey(random: SeededRandom(seed: 11))
    let certificate = certificate(identity)
    let addition = DeviceAddition(
      device: certificate,
      proof: identity.sign(certificate.proofMessage(for: account), .deviceProof),
      accountKeyWrap: Hasher256.content([3]))
    return SignedStatement(
      Statement(
        subject: .chain(.account(account)), index: last.statement.index + 1, previous: last.hash,
        account: account, device: last.statement.device, timeMilliseconds: 1,
        body: .deviceAddition(addition)),
      key: keys.log)
  }

  /// The first statement of an account that the server itself has made: nothing about it is wrong but
  /// its id.
  private var ownAccount: SignedStatement {
    let identity = SigningKey(random: SeededRandom(seed: 12))
    let certificate = certificate(identity)
    return SignedStatement(
      Statement(
        subject: .newChain, index: 0, previous: nil, account: nil, device: certificate.device,
        timeMilliseconds: 1,
        body: .accountCreation(
          AccountCreation(
            accountKey: certificate.exchange, device: certificate,
            accountKeyWrap: Hasher256.content([4])))),
      key: identity)
  }

  private func certificate(_ identity: SigningKey) -> DeviceCertificate {
    guard let exchange = ExchangePublicKey(Hasher256.content([5]).bytes) else {
      preconditionFailure("a key has as many bytes as a hash")
    }
    return DeviceCertificate(
      identity: identity.publicKey, exchange: exchange,
      transport: SigningKey(random: SeededRandom(seed: 13)).publicKey)
  }
}
