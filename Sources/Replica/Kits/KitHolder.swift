import Merge
import Sealing
import Signing
import SyncProtocol

/// Somebody with the words of a recovery kit, who is no device yet.
struct KitHolder {
  let keys: KitKeys
  let code: KitCode
  let certificate: ServerCertificate
  let connection: Connection

  /// Asks who the server is, which has to be the one that the kit names.
  init(_ keys: KitKeys, _ code: KitCode, _ connection: Connection) throws {
    self.keys = keys
    self.code = code
    self.connection = connection
    certificate = try connection.info(expecting: code.server).certificate
  }

  var device: DeviceID { keys.certificate.device }

  /// A session as the kit, which may see little more than the account's chain.
  func openSession(_ scope: SessionScope) throws {
    let identity = Replica.Identity(
      account: code.account, replica: ReplicaID(device: device, home: 0), role: code.role,
      server: code.server, certificate: certificate)
    do {
      try connection.openSession(
        identity, scope: scope, key: scope == .full ? keys.identity : keys.transport,
        onTime: { _ in })
    } catch ReplicaError.server(.deviceUnknown) {
      throw ReplicaError.kitRefused(.unknown)
    }
  }

  /// The account's chain as the server shows it, verified from its first statement, with this kit on it.
  ///
  /// - Throws: ``ReplicaError/kitRefused(_:)`` where it is none that this kit belongs to.
  func chain() throws -> AccountChain {
    let reference = ChainReference.account(code.account)
    let part = try connection.chainPart(reference, from: 0)
    guard part.head.isSigned(by: certificate.log) else {
      throw ReplicaError.dishonest("a chain head is not signed by the server")
    }
    let reduced: ReducedChain?
    do {
      reduced = try ReducedChain(part.statements, authority: ServerHeads(log: certificate.log))
    } catch let error as ChainError {
      throw ReplicaError.dishonest("a chain does not verify (\(error))")
    }
    guard let chain = reduced?.account, chain.id == code.account, chain.head == part.head.point
    else { throw ReplicaError.dishonest("a chain is of somebody else") }
    guard chain.contains(code.announced) else { throw ReplicaError.kitRefused(.oldChain) }
    guard let kit = chain.devices[device], kit.isKit, kit.addedAt == code.announced.index else {
      throw ReplicaError.kitRefused(.unknown)
    }
    return chain
  }

  /// - Throws: ``ReplicaError/kitRefused(_:)`` unless the kit lets a device in.
  func checkCounts(_ chain: AccountChain) throws {
    guard let kit = chain.devices[device] else { throw ReplicaError.kitRefused(.unknown) }
    guard kit.revokedAt == nil else { throw ReplicaError.kitRefused(.replaced) }
    guard kit.counts else { throw ReplicaError.kitRefused(.waits) }
  }

  /// The account's keys, the newest first: each opens the one before.
  ///
  /// - Throws: ``ReplicaError/kitRefused(_:)`` where one is not to be had, or not the chain's.
  func accountKeys(_ chain: AccountChain) throws -> [ExchangeKey] {
    guard let own = chain.devices[device] else { throw ReplicaError.kitRefused(.unknown) }
    var opener = keys.exchange
    var found: [ExchangeKey] = []
    let wraps = [own.accountKeyWrap] + chain.predecessors.reversed()
    for (hash, publicKey) in zip(wraps, chain.accountKeys.reversed()) {
      let answer = try connection.call(
        Path.wrapsFetch,
        WrapsFetchRequest(owner: .chain(.account(code.account)), hashes: [hash]),
        WrapsFetchResponse.self)
      guard let wrap = answer.wraps.first ?? nil, Hasher256.content(wrap) == hash,
        let key = Replica.exchangeKey(wrap, with: opener), key.publicKey == publicKey
      else { throw ReplicaError.kitRefused(.keyMissing) }
      found.append(key)
      opener = key
    }
    return found
  }
}

/// Knows the server's key, and nobody else: enough for an account's chain.
private struct ServerHeads: ChainAuthority {
  let log: SigningPublicKey

  func isSigned(_ statement: SignedStatement) -> Bool { false }
  func isAdmin(_ account: AccountID, of organisation: OrganisationID) -> Bool { false }
  func isSigned(_ head: SignedChainHead) -> Bool { head.isSigned(by: log) }
}
