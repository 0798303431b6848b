import Merge
import Sealing
import Signing
import SpaceStore
import SyncProtocol

/// Epochs that whoever comes later could not open: one that a restored server had lost comes back after
/// another was made in its place, or nobody who made the next one held it.
extension Replica {
  /// The epochs that one opens, with the name of the seal of each.
  func seals(of epoch: SpaceState.Epoch, in space: SpaceID) throws -> [EpochID: Digest] {
    let (body, previous) = try statement(of: epoch, in: space)
    let further = body.furtherSeals.map { ($0.epoch, $0.hash) }
    var seals = Dictionary(further, uniquingKeysWith: { first, _ in first })
    if let previous, let hash = body.predecessor { seals[previous] = hash }
    return seals
  }

  /// The epochs before the present one whose keys this device holds and none of those that it holds
  /// opens, with their keys. Only after a restore there are any.
  func looseEpochs(
    _ state: SpaceState, _ connection: Connection
  ) throws -> [(id: EpochID, key: SymmetricKey)] {
    guard !state.past.isEmpty else { return [] }
    var seals: [EpochID: [Digest]] = [:]
    var loose: [(id: EpochID, key: SymmetricKey)] = []
    // Each is sealed under later ones.
    for epoch in state.epochs.reversed() {
      guard let key = try unlockedKeys().symmetric(.epoch(state.id, epoch.id)) else { continue }
      if epoch.id != state.currentEpoch,
        try !(seals[epoch.id] ?? []).contains(where: { try isKept($0, state.id, connection) })
      {
        loose.append((epoch.id, key))
      }
      for (sealed, hash) in try self.seals(of: epoch, in: state.id) {
        seals[sealed, default: []].append(hash)
      }
    }
    return Array(loose.prefix(EpochStatement.furtherSealCountMax))
  }

  /// Whether the server has a seal, which it may have lost with whoever made it. From here on this
  /// device can send it again too.
  private func isKept(
    _ hash: Digest, _ space: SpaceID, _ connection: Connection
  ) throws -> Bool {
    let isOwn = try database.first(
      "SELECT 1 FROM own_epoch_wrap WHERE space = ? AND hash = ?",
      .integer(store.number(of: space)), .blob(hash.bytes)
    ) { _ in true }
    if isOwn == true { return true }
    guard let seal = try fetchWrap(hash, of: .space(space), connection) else { return false }
    try keepEpochWraps([seal], in: space)
    return true
  }

  // MARK: Logs that were set back

  /// Takes note of the epochs that a log had before it was set back.
  func keepLostEpochs(_ epochs: [SpaceState.Epoch], _ number: Int64) throws {
    for epoch in epochs {
      try database.run(
        "INSERT OR IGNORE INTO lost_epoch VALUES (?, ?)", .integer(number),
        .blob(epoch.id.bytes))
    }
  }

  /// Epochs that the log had before it was set back, and has not got back.
  package func lostEpochs(in space: SpaceID) throws -> [EpochID] {
    try database.rows(
      "SELECT epoch FROM lost_epoch WHERE space = ? ORDER BY epoch",
      .integer(store.number(of: space))
    ) { row in
      guard let epoch = EpochID(row.blob(0)) else { throw ReplicaError.homeDamaged("lost epoch") }
      return epoch
    }
  }

  func forgetFoundEpochs(in space: SpaceID) throws {
    let found = Set(try store.state(space).epochs.map(\.id))
    for epoch in try lostEpochs(in: space) where found.contains(epoch) {
      try database.run(
        "DELETE FROM lost_epoch WHERE space = ? AND epoch = ?",
        .integer(store.number(of: space)), .blob(epoch.bytes))
    }
  }
}
