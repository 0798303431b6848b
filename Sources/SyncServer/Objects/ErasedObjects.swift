import Database
import Merge
import Signing
import SpaceStore
import SyncProtocol

/// What its owner has had destroyed: versions that were deleted, and all that an account held which was
/// deleted. Wraps go at once, blobs with the end of the request; nothing of it is taken again.
struct ErasedObjects {
  let core: ServerCore

  func contains(_ name: BlobName) throws -> Bool {
    try core.database.first(
      "SELECT 1 FROM erased_blob WHERE space = ? AND hash = ?", .blob(name.space.bytes),
      .blob(name.hash.bytes)
    ) { _ in true } ?? false
  }

  /// Destroys the wrap of a deleted version, and takes its blobs off the list.
  ///
  /// - Returns: the blobs, whose files are to be removed.
  func erase(_ version: RecordID, in vault: SpaceID) throws -> [BlobName] {
    let change = try core.store.creation(of: version, type: "version", in: vault)
    guard let change else { return [] }
    let named = try NamedObjects(core: core, space: vault).names(change)
    let wraps = WrapTable(database: core.database)
    for wrap in named.wraps { try wraps.destroy(.space(vault), wrap) }
    try erase(named.blobs)
    return named.blobs
  }

  private func erase(_ names: [BlobName]) throws {
    for name in names {
      try BlobTable(database: core.database).remove(name)
      _ = try MissingObjects(database: core.database).remove(name.hash, of: name.space.bytes)
      try core.database.run(
        "INSERT INTO erased_blob VALUES (?, ?) ON CONFLICT DO NOTHING", .blob(name.space.bytes),
        .blob(name.hash.bytes))
    }
  }

  // MARK: Accounts

  /// Destroys what a deleted account's keys could open: the wraps of its chain and vault, the epochs'
  /// wraps for it, the shares of its deposits, and takes the vault's blobs off the list.
  ///
  /// - Returns: the blobs, whose files are to be removed.
  func erase(_ account: AccountID) throws -> [BlobName] {
    let vault = SpaceID.vault(of: account)
    let wraps = WrapTable(database: core.database)
    try wraps.destroyAll(of: .chain(.account(account)))
    try wraps.destroyAll(of: .space(vault))
    for wrap in try epochWraps(for: account) { try wraps.destroy(.space(wrap.space), wrap.hash) }
    for deposit in try EmergencyTable(core: core).deposits(of: vault) {
      try wraps.destroy(.space(deposit.space), deposit.share)
    }
    let blobs = try BlobTable(database: core.database).names(of: vault)
    try erase(blobs)
    return blobs
  }

  /// Those that are for nobody else; a seal of the epoch before is for all.
  private func epochWraps(
    for account: AccountID
  ) throws -> [(space: SpaceID, hash: Digest)] {
    try core.database.rows(
      "SELECT space, hash FROM epoch_wrap AS own WHERE recipient = ? AND NOT EXISTS "
        + "(SELECT 1 FROM epoch_wrap AS other WHERE other.space = own.space "
        + "AND other.hash = own.hash AND other.recipient <> own.recipient) ORDER BY space, hash",
      .blob(account.bytes)
    ) { row in
      guard let space = SpaceID(row.blob(0)), let hash = Digest(row.blob(1)) else {
        throw StateError.damaged
      }
      return (space, hash)
    }
  }
}

extension ServerCore {
  /// After the transaction in which they were erased. What is left by a crash is listed nowhere, and
  /// goes with the next round.
  func removeErased(_ names: [BlobName]) throws {
    for name in names {
      usedByteCounts[name.space] = nil
      if incomingBlobs[name] == nil { try blobs.remove(name) }
    }
  }
}
