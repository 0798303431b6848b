import Merge
import Sealing
import Signing
import SpaceStore
import SyncProtocol

/// Keys of spaces that others have made.
extension Replica {
  /// Opens every epoch of the spaces that this device is in and does not hold the key of. One that
  /// was made wrongly does not hold up the others.
  func openEpochs(_ connection: Connection, _ report: inout SyncReport) throws {
    for space in try store.spaceIDs() where try !hasLeft(space) {
      // One that was made here and is not in the log is nobody's; should it come later after all, its
      // wrap for this device lies at the server.
      try unlockedKeys().keepEpochs(store.state(space).epochs.map(\.id), of: space)
      // The newest first: each opens the one before.
      for index in try store.state(space).epochs.indices.reversed() {
        do {
          try openEpoch(index, in: space, connection)
        } catch let error as ReplicaError {
          guard case .dishonest = error else { throw error }
          try report.keep(error, while: "keys")
        }
      }
    }
  }

  private func openEpoch(_ index: Int, in space: SpaceID, _ connection: Connection) throws {
    let epochs = try store.state(space).epochs
    let epoch = epochs[index]
    guard try !unlockedKeys().holds(.epoch(space, epoch.id)) else { return }
    let (body, previous) = try statement(of: epoch, in: space)
    let context = EpochSecret.context(space, previous)
    var key = try openWrap(of: body, previous: previous, in: space, connection)
    if key == nil, index + 1 < epochs.count {
      key = try openPredecessor(epoch.id, of: epochs[index + 1], in: space, connection)
    }
    guard let key else { return }
    guard key.matches(body.commitment, context: context) else {
      try keepEvidence(.other(body.encoded), kind: "epoch", space: space)
      throw Self.wrongKey
    }
    try unlockedKeys().store(key, as: .epoch(space, epoch.id))
  }

  private static var wrongKey: ReplicaError {
    .dishonest("a space's key is not the one that was committed to")
  }

  func statement(
    of epoch: SpaceState.Epoch, in space: SpaceID
  ) throws -> (body: EpochStatement, previous: EpochID?) {
    let number = try store.number(of: space)
    guard
      case .statement(let signed)? = try store.log.entry(space: number, at: epoch.made)?.content,
      case .epoch(let body) = signed.statement.body
    else { throw ReplicaError.homeDamaged("epoch") }
    return (body, signed.statement.previous.map { EpochID($0) })
  }

  /// The key out of the wrap that is for this account, or for a team that it is in.
  private func openWrap(
    of body: EpochStatement, previous: EpochID?, in space: SpaceID, _ connection: Connection
  ) throws -> SymmetricKey? {
    for wrap in body.wraps {
      guard let opener = try opener(of: wrap),
        let bytes = try fetchWrap(wrap.hash, of: .space(space), connection)
      else { continue }
      if let key = Self.opened(bytes, space: space, previous: previous, with: opener) {
        return key
      }
      try keepEvidence(.other(bytes), kind: "epoch wrap", space: space)
      throw Self.wrongKey
    }
    return nil
  }

  /// The key out of the epoch after it, which its maker sealed it under.
  private func openPredecessor(
    _ epoch: EpochID, of next: SpaceState.Epoch, in space: SpaceID, _ connection: Connection
  ) throws -> SymmetricKey? {
    guard let key = try unlockedKeys().symmetric(.epoch(space, next.id)),
      let hash = try statement(of: next, in: space).body.predecessor,
      let bytes = try fetchWrap(hash, of: .space(space), connection)
    else { return nil }
    do throws(SealingError) {
      let secret = try KeyWrap.open(
        bytes, key: key, associatedData: EpochSecret.predecessorContext(space, epoch))
      return SymmetricKey(copying: secret)
    } catch {
      return nil
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

  /// The key that opens a wrap; `nil` where it is for somebody else, or for a key not held.
  private func opener(of wrap: EpochStatement.Wrap) throws -> ExchangeKey? {
    let generation = Int(wrap.keyGeneration)
    if wrap.recipient.bytes == identity.account.bytes {
      return try unlockedKeys().exchange(.account(generation: generation))
    }
    guard let team = TeamID(wrap.recipient.bytes), try chains.teamChain(team) != nil else {
      return nil
    }
    return try unlockedKeys().exchange(.team(team, generation: generation))
  }
}
