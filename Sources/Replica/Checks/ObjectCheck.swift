import Database
import Merge
import Signing
import SpaceStore

/// Whether wraps and blobs are what their names say, and keys can be opened.
struct ObjectCheck {
  let replica: Replica

  /// What is damaged here and can be had again.
  struct Damage: Hashable {
    var wraps: Set<[UInt8]> = []
    var blobs: Set<Digest> = []
  }

  func run(_ report: inout CheckReport) throws -> Damage {
    var damage = Damage()
    try checkWraps(&report, &damage)
    try checkBlobs(&report, &damage)
    try checkKeys(&report)
    return damage
  }

  private func checkWraps(_ report: inout CheckReport, _ damage: inout Damage) throws {
    try replica.database.each("SELECT hash, bytes, sent FROM wrap ORDER BY hash") { row in
      report.count(.wraps)
      let name = row.blob(0)
      guard Hasher256.content(row.blob(1)).bytes != name else { return }
      let isSent = row.integer(2) != 0
      report.add(
        .wraps, "wrap \(Hex.encode(name).prefix(16)) is not what its name says",
        isSent ? .discard : .none)
      if isSent { damage.wraps.insert(name) }
    }
  }

  private func checkBlobs(_ report: inout CheckReport, _ damage: inout Damage) throws {
    let waiting = Set(
      try replica.database.rows("SELECT hash FROM blob_outbox") { try Replica.digest($0.blob(0)) })
    for hash in try replica.blobs.names() {
      report.count(.blobs)
      do {
        _ = try replica.blobs.read(hash)
      } catch is BlobStore.Failure {
        // The server does not have what waits to be sent.
        let isOnlyCopy = waiting.contains(hash)
        report.add(
          .blobs, "blob \(hash.hex.prefix(16)) is not what its name says",
          isOnlyCopy ? .none : .discard)
        if !isOnlyCopy { damage.blobs.insert(hash) }
      }
    }
    for hash in waiting.sorted() where try replica.blobs.byteCount(hash) == nil {
      report.add(
        .blobs, "blob \(hash.hex.prefix(16)) has not been sent and is not here", .none)
    }
    let missing = try missingCount()
    if missing > 0 {
      report.note("blobs that have not been fetched yet: \(missing)")
      try replica.lookForFilesAgain()
    }
  }

  /// Blobs of the newest versions and of what is shared, known to be missing.
  private func missingCount() throws -> Int {
    do {
      var named: Set<Digest> = []
      for summary in try replica.fileSummaries().values {
        named.formUnion(try replica.sealedVersion(summary.version).blobs)
      }
      for share in try replica.usableShares() { named.formUnion(share.content.blobs) }
      return try named.count { try replica.blobs.byteCount($0) == nil }
    } catch ReplicaError.homeDamaged {
      // Said of the rows already.
      return 0
    } catch is StateError {
      return 0
    }
  }

  private func checkKeys(_ report: inout CheckReport) throws {
    guard let keys = replica.keys else {
      report.note("the home is locked: keys were not opened")
      return
    }
    let (count, unreadable) = try keys.check()
    report.count(.keys, count)
    for name in unreadable { report.add(.keys, "the key \(name) cannot be opened", .none) }
  }

  /// Drops what is damaged and can be fetched again at the next sync.
  func discard(_ damage: Damage) throws -> [String] {
    for name in damage.wraps {
      try replica.database.run("DELETE FROM wrap WHERE hash = ? AND sent = 1", .blob(name))
    }
    for hash in damage.blobs { try replica.blobs.remove(hash) }
    try replica.lookForFilesAgain()
    var done: [String] = []
    if !damage.wraps.isEmpty { done.append("dropped \(damage.wraps.count) damaged wraps") }
    if !damage.blobs.isEmpty { done.append("dropped \(damage.blobs.count) damaged blobs") }
    return done
  }
}
