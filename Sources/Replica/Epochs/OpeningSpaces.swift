import Merge
import Sealing
import Signing
import SpaceStore
import SyncProtocol

extension Replica {
  /// The first statement of a space, signed.
  func signOpening(_ opening: SpaceOpening, of space: SpaceID) throws -> SignedStatement {
    SignedStatement(
      Statement(
        subject: .space(space), index: 0, previous: nil, account: identity.account,
        device: identity.device, timeMilliseconds: try nowMilliseconds,
        body: .spaceOpening(opening)),
      key: try unlockedKeys().identity())
  }

  /// A member of a space that is to be opened, with the head of the chain that this device sees.
  func spaceMember(_ account: AccountID, _ role: Role) throws -> SpaceOpening.Member {
    guard let chain = try chains.accountChain(account) else {
      throw ReplicaError.notReady("the account's chain has not arrived")
    }
    return SpaceOpening.Member(account: account, role: role, accountHead: chain.head)
  }

  /// Pushes statements of a space with their wraps, and gives each one's verdict.
  @discardableResult
  func push(
    _ statements: [SignedStatement], wraps: [[UInt8]], in space: SpaceID,
    _ connection: Connection
  ) throws -> [PushVerdict] {
    if !wraps.isEmpty {
      try keepEpochWraps(wraps, in: space)
      _ = try connection.send(
        .post, Path.wraps, WrapsRequest(space: space, wraps: wraps).encoded)
    }
    return try connection.call(
      Path.push, PushRequest(space: space, items: statements.map { .statement($0) }),
      PushResponse.self
    ).verdicts
  }

  /// Opens the account's vault and makes its first key, unless that is done. Who is no client gets one
  /// when there is something to keep in it for the account's other devices.
  ///
  /// - Returns: whether anything was pushed.
  func openVault(_ connection: Connection) throws -> Bool {
    guard try identity.role == .client || hasUnwrittenEntries() else { return false }
    let state = try store.state(vault)
    guard state.currentEpoch == nil else { return false }
    var statements: [SignedStatement] = []
    if state.kind == nil {
      let member = try spaceMember(identity.account, .owner)
      statements.append(
        try signOpening(SpaceOpening(kind: .vault, members: [member]), of: vault))
    }
    guard let own = try recipient(identity.account) else { return false }
    let (epoch, wraps) = try makeEpoch(in: vault, recipients: [own])
    try push(statements + [epoch], wraps: wraps, in: vault, connection)
    return true
  }
}
