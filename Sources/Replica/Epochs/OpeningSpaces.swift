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
      _ = try connection.send(
        .post, Path.wraps, WrapsRequest(space: space, wraps: wraps).encoded)
    }
    return try connection.call(
      Path.push, PushRequest(space: space, items: statements.map { .statement($0) }),
      PushResponse.self
    ).verdicts
  }

  /// Opens the account's vault and makes its first key, unless that is done.
  ///
  /// - Returns: whether anything was pushed.
  func openVault(_ connection: Connection) throws -> Bool {
    guard identity.role == .client else { return false }
    let state = try store.state(vault)
    guard state.currentEpoch == nil else { return false }
    var statements: [SignedStatement] = []
    if state.kind == nil {
      let member = try spaceMember(identity.account, .owner)
      statements.append(
        try signOpening(SpaceOpening(kind: .vault, members: [member]), of: vault))
    }
    guard let recipient = Bytes32(identity.account.bytes) else { return false }
    let (epoch, wraps) = try makeEpoch(
      in: vault, previous: nil, generation: 0,
      recipients: [(recipient, try ownChain().accountKey)])
    try push(statements + [epoch], wraps: wraps, in: vault, connection)
    return true
  }

  /// Makes the first key of a casework or team space that has none: the first member to see it does.
  /// One that cannot be made does not hold up the others.
  func makeMissingEpochs(_ connection: Connection, _ report: inout SyncReport) throws -> Bool {
    var hasPushed = false
    for space in try store.spaceIDs() where try !hasLeft(space) {
      let state = try store.state(space)
      guard state.kind == .casework || state.kind == .team, state.currentEpoch == nil,
        state.role(of: identity.account) != nil,
        let recipients = try recipientKeys(state)
      else { continue }
      do {
        let (epoch, wraps) = try makeEpoch(
          in: space, previous: nil, generation: 0, recipients: recipients)
        try push([epoch], wraps: wraps, in: space, connection)
        hasPushed = true
      } catch let error as ReplicaError {
        try report.keep(error, while: "keys of a space")
      }
    }
    return hasPushed
  }

  /// `nil` while a member's or team's key is not known.
  private func recipientKeys(
    _ state: SpaceState
  ) throws -> [(id: Bytes32, key: ExchangePublicKey)]? {
    var result: [(id: Bytes32, key: ExchangePublicKey)] = []
    for recipient in state.epochRecipients {
      let key =
        try TeamID(recipient.bytes).flatMap { try chains.teamChain($0)?.key }
        ?? AccountID(recipient.bytes).flatMap { try chains.accountChain($0)?.accountKey }
      guard let key else { return nil }
      result.append((recipient, key))
    }
    return result.isEmpty ? nil : result
  }
}
