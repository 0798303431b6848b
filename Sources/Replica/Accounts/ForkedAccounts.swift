import Database
import Merge
import SyncProtocol

/// Accounts of which the server has signed two histories. One of them may leave out that a device was
/// taken out: nothing new is sealed to such an account until the history that goes on has all the
/// removals of both (design §7).
extension Replica {
  /// Whether two histories of the account's chain were shown, and what the other one takes away is not
  /// taken away in the one that is held.
  public func isForked(_ account: AccountID) throws -> Bool {
    try devicesRevokedElsewhere(.account(account)) != nil
  }

  /// - Throws: ``ReplicaError/accountForked(_:)``.
  func requireOneHistory(of account: AccountID) throws {
    if try isForked(account) { throw ReplicaError.accountForked(personName(account)) }
  }

  /// Looks at another history of an account that the server shows: it is followed where a device of both
  /// says so. Otherwise the account is marked, if that history verifies: else the server lied, and nobody
  /// of the account has said anything else.
  ///
  /// - Returns: whether the other history is the one that counts now.
  func meetFork(_ chain: ChainReference, _ connection: Connection) throws -> Bool {
    guard case .account(let account) = chain else { return false }
    let part = try connection.chainPart(chain, from: 0)
    guard part.head.isSigned(by: identity.certificate.log), let other = try otherHistory(part),
      let known = try chains.accountChain(account), !known.contains(other.head)
    else { return false }
    if try followMerge(part, other, known) { return true }
    let revoked = other.devices.values.filter { $0.revokedAt != nil }.map(\.certificate.device)
    let all = Set(revoked).union(try devicesRevokedElsewhere(chain) ?? [])
    try database.run(
      "INSERT OR REPLACE INTO forked_chain VALUES (?, ?, ?, ?)", .blob(chain.encoded),
      .integer(Int64(try nowMilliseconds)), .blob(all.sorted().flatMap(\.bytes)),
      .blob(part.head.encoded))
    return false
  }

  func otherHistory(_ part: ChainPart) throws -> AccountChain? {
    do {
      let reduced = try ReducedChain(part.statements, authority: chains)
      return reduced?.head == part.head.point ? reduced?.account : nil
    } catch is ChainError {
      return nil
    }
  }

  /// A history that continues the own one was shown again. It goes on where every device that the other
  /// one takes out is gone from it too.
  func settleFork(_ chain: ChainReference) throws {
    guard case .account(let account) = chain, let known = try chains.accountChain(account),
      let elsewhere = try devicesRevokedElsewhere(chain),
      elsewhere.allSatisfy({ known.devices[$0] == nil || known.isRevoked($0) })
    else { return }
    try forgetFork(chain)
  }

  func forgetFork(_ chain: ChainReference) throws {
    try database.run("DELETE FROM forked_chain WHERE chain = ?", .blob(chain.encoded))
  }

  /// The end of the last other history that was shown; `nil` where the chain has one.
  func abandonedHead(_ chain: ChainReference) throws -> SignedChainHead? {
    try database.first("SELECT head FROM forked_chain WHERE chain = ?", .blob(chain.encoded)) {
      try SignedChainHead(decoding: $0.blob(0))
    }
  }

  /// `nil` where the chain has one history.
  func devicesRevokedElsewhere(_ chain: ChainReference) throws -> [DeviceID]? {
    let bytes = try database.first(
      "SELECT revoked FROM forked_chain WHERE chain = ?", .blob(chain.encoded)
    ) { $0.blob(0) }
    guard let bytes else { return nil }
    return stride(from: 0, to: bytes.count, by: DeviceID.byteCount).compactMap {
      DeviceID(bytes[$0..<min($0 + DeviceID.byteCount, bytes.count)])
    }
  }
}
