import Merge
import Sealing
import Signing
import SpaceStore
import SyncProtocol

/// What is inside of an epoch's wrap: suite (1) ‖ space (16) ‖ previous epoch or zeros (32) ‖ key (32).
enum EpochSecret {
  static let byteCount = 1 + SpaceID.byteCount + EpochID.byteCount + 32

  private static func prefix(_ space: SpaceID, _ previous: EpochID?) -> [UInt8] {
    [UInt8(Domain.suite)] + space.bytes
      + (previous?.bytes ?? [UInt8](repeating: 0, count: EpochID.byteCount))
  }

  /// What the key is committed to in the epoch's statement.
  static func context(_ space: SpaceID, _ previous: EpochID?) -> [UInt8] {
    Array(Domain.epochCommitment.rawValue.utf8) + prefix(space, previous)
  }

  static func seal(
    _ key: SymmetricKey, space: SpaceID, previous: EpochID?, to recipient: ExchangePublicKey,
    random: any RandomSource
  ) throws -> [UInt8] {
    var secret = SecretBytes(count: byteCount)
    let prefix = prefix(space, previous)
    key.withBytes { key in
      secret.withUnsafeMutableBytes { buffer in
        buffer.copyBytes(from: prefix)
        UnsafeMutableRawBufferPointer(rebasing: buffer[prefix.count...]).copyMemory(from: key)
      }
    }
    return try SealedBox.seal(secret, to: recipient, random: random)
  }

  /// `nil` where the box is for another space or another place in the chain of epochs.
  static func open(
    _ wrap: [UInt8], space: SpaceID, previous: EpochID?, with key: ExchangeKey
  ) throws(SealingError) -> SymmetricKey? {
    let secret = try SealedBox.open(wrap, with: key)
    let prefix = prefix(space, previous)
    return secret.withUnsafeBytes { bytes in
      guard bytes.count == byteCount, bytes.prefix(prefix.count).elementsEqual(prefix) else {
        return nil
      }
      return SymmetricKey(copying: UnsafeRawBufferPointer(rebasing: bytes[prefix.count...]))
    }
  }
}

extension Replica {
  /// Makes a generation of a space's key: the statement, and one wrap for exactly each member.
  ///
  /// The key is in the ring before the statement is sent; a lost race leaves an unused entry.
  func makeEpoch(
    in space: SpaceID, previous: EpochID?, generation: UInt64,
    recipients: [(id: Bytes32, key: ExchangePublicKey)]
  ) throws -> (statement: SignedStatement, wraps: [[UInt8]]) {
    let key = SymmetricKey(random: environment.random)
    var wraps: [[UInt8]] = []
    var named: [EpochStatement.Wrap] = []
    for recipient in recipients.sorted(by: { $0.id < $1.id }) {
      let wrap: [UInt8]
      do {
        wrap = try EpochSecret.seal(
          key, space: space, previous: previous, to: recipient.key, random: environment.random)
      } catch SealingError.weakPublicKey {
        throw ReplicaError.dishonest("a member's key is one that hides nothing")
      }
      wraps.append(wrap)
      named.append(EpochStatement.Wrap(recipient: recipient.id, hash: Hasher256.content(wrap)))
    }
    let body = EpochStatement(
      commitment: key.commitment(context: EpochSecret.context(space, previous)), wraps: named)
    let signed = SignedStatement(
      Statement(
        subject: .space(space), index: generation, previous: previous?.digest,
        account: identity.account, device: identity.device,
        timeMilliseconds: try nowMilliseconds, body: .epoch(body)),
      key: try unlockedKeys().identity())
    try unlockedKeys().store(key, as: .epoch(space, EpochID(signed.hash)))
    return (signed, wraps)
  }

  /// Opens every epoch of the spaces that this device is in and does not hold the key of. One that
  /// was made wrongly does not hold up the others.
  func openEpochs(_ connection: Connection, _ report: inout SyncReport) throws {
    for space in try store.spaceIDs() where try !hasLeft(space) {
      for epoch in try store.state(space).epochs
      where try !unlockedKeys().holds(.epoch(space, epoch.id)) {
        do {
          try openEpoch(epoch, in: space, connection)
        } catch let error as ReplicaError {
          guard case .dishonest = error else { throw error }
          try report.keep(error, while: "keys")
        }
      }
    }
  }

  private func openEpoch(
    _ epoch: SpaceState.Epoch, in space: SpaceID, _ connection: Connection
  ) throws {
    let number = try store.number(of: space)
    guard
      case .statement(let signed)? = try store.log.entry(space: number, at: epoch.made)?.content,
      case .epoch(let body) = signed.statement.body
    else { throw ReplicaError.homeDamaged("epoch") }
    let previous = signed.statement.previous.map { EpochID($0) }
    for wrap in body.wraps {
      guard let opener = try opener(of: wrap.recipient) else { continue }
      let answer = try connection.call(
        Path.wrapsFetch, WrapsFetchRequest(owner: .space(space), hashes: [wrap.hash]),
        WrapsFetchResponse.self)
      guard let bytes = answer.wraps.first ?? nil, Hasher256.content(bytes) == wrap.hash else {
        continue
      }
      guard
        let key = Self.opened(bytes, space: space, previous: previous, with: opener),
        key.matches(body.commitment, context: EpochSecret.context(space, previous))
      else {
        try keepEvidence(bytes, kind: "epoch wrap", space: space)
        throw ReplicaError.dishonest("a space's key is not the one that was committed to")
      }
      try unlockedKeys().store(key, as: .epoch(space, epoch.id))
      return
    }
  }

  /// `nil` where whoever made the wrap made it wrongly.
  private static func opened(
    _ wrap: [UInt8], space: SpaceID, previous: EpochID?, with key: ExchangeKey
  ) -> SymmetricKey? {
    do throws(SealingError) {
      return try EpochSecret.open(wrap, space: space, previous: previous, with: key)
    } catch {
      return nil
    }
  }

  /// The key that opens what is wrapped for a recipient: this account, or a team it is in.
  private func opener(of recipient: Bytes32) throws -> ExchangeKey? {
    if recipient.bytes == identity.account.bytes {
      return try unlockedKeys().exchange(.account(generation: 0))
    }
    guard let team = TeamID(recipient.bytes), let chain = try chains.teamChain(team),
      !chain.keys.isEmpty
    else { return nil }
    return try unlockedKeys().exchange(.team(team, generation: chain.keys.count - 1))
  }
}
