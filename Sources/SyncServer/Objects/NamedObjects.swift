import CBOR
import Merge
import Signing
import SyncProtocol

/// The wraps and blobs that commits and epochs name: stored before, kept after.
struct NamedObjects {
  let core: ServerCore
  let space: SpaceID

  private var wraps: WrapTable { WrapTable(database: core.database) }
  private var blobs: BlobTable { BlobTable(database: core.database) }
  private var erased: ErasedObjects { ErasedObjects(core: core) }

  /// Whether everything that a commit names is stored.
  func arePresent(for commit: Commit) throws -> Bool {
    for change in commit.changes {
      let named = try names(change)
      for wrap in named.wraps where try !wraps.contains(.space(space), wrap) { return false }
      for blob in named.blobs where try !blobs.contains(blob) && !erased.contains(blob) {
        return false
      }
    }
    return true
  }

  func arePresent(for epoch: EpochStatement) throws -> Bool {
    let named = epoch.wraps.map(\.hash) + epoch.seals
    return try named.allSatisfy { try wraps.contains(.space(space), $0) }
  }

  /// After acceptance: what is named is not collected any more.
  ///
  /// - Parameter author: the account whose device wrote the commit.
  func keep(_ commit: Commit, by author: AccountID?) throws {
    for change in commit.changes {
      let named = try names(change)
      // A share that comes back to an engagement which has ended opens nothing any more.
      let isOver = try change.type == ShareTable.type && core.store.state(space).ended != nil
      for wrap in named.wraps where !isOver {
        try keepWrap(wrap)
        if change.type == EmergencyRules.deposit, let author {
          try EmergencyTable(core: core).insert(change.record, share: wrap, by: author, in: space)
        }
        guard change.type == ShareTable.type else { continue }
        try core.database.run(
          "INSERT INTO share_wrap VALUES (?, ?, ?) ON CONFLICT DO NOTHING", .blob(space.bytes),
          .blob(wrap.bytes), .blob(change.record.bytes))
      }
      for blob in named.blobs {
        try blobs.keep(blob)
        guard try !blobs.contains(blob), try !erased.contains(blob) else { continue }
        try MissingObjects(database: core.database).insert(blob.hash, of: blob.space.bytes)
      }
    }
  }

  /// Only what a restored server got back can name what is not there.
  private func keepWrap(_ hash: Digest) throws {
    let owner = WrapOwner.space(space)
    try wraps.keep(owner, hash)
    guard try !wraps.contains(owner, hash) else { return }
    try MissingObjects(database: core.database).insert(hash, of: owner.encoded)
  }

  func keep(_ epoch: EpochStatement) throws {
    for wrap in epoch.wraps {
      try keep(wrap.hash, for: wrap.recipient)
      // Whoever may have the epoch may have the ones before.
      for seal in epoch.seals { try keep(seal, for: wrap.recipient) }
    }
  }

  private func keep(_ wrap: Digest, for recipient: Bytes32) throws {
    try keepWrap(wrap)
    try core.database.run(
      "INSERT INTO epoch_wrap VALUES (?, ?, ?) ON CONFLICT DO NOTHING", .blob(space.bytes),
      .blob(wrap.bytes), .blob(recipient.bytes))
  }

  /// A version's blobs lie in its own vault, a share's in the client's.
  func names(_ change: RecordChange) throws -> (wraps: [Digest], blobs: [BlobName]) {
    var wraps: [Digest] = []
    var hashes: [Digest] = []
    var vault: SpaceID?
    switch change.type {
    case "version":
      vault = space
      for write in change.writes {
        if write.key == "wrap" { wraps += Self.digest(write.value) }
        if write.key == "blobs" { hashes += Self.digests(write.value) }
      }
    case EmergencyRules.deposit:
      // The server's share lies among the wraps.
      for write in change.writes where write.key == "share" { wraps += Self.digest(write.value) }
    case ShareTable.type:
      vault = try core.store.state(space).clientVault
      for write in change.writes where write.key == "content" {
        if let wrap = write.value.map?["wrap"] { wraps += Self.digest(wrap) }
        if let blobs = write.value.map?["blobs"] { hashes += Self.digests(blobs) }
      }
    default: break
    }
    guard let vault else { return (wraps, []) }
    return (wraps, hashes.map { BlobName(space: vault, hash: $0) })
  }

  private static func digest(_ value: CBORValue) -> [Digest] {
    value.bytes.flatMap { Digest($0) }.map { [$0] } ?? []
  }

  private static func digests(_ value: CBORValue) -> [Digest] {
    (value.array ?? []).flatMap(digest)
  }
}
