import Foundation
import Merge
import Signing
import SpaceStore
import SyncProtocol

/// Letting go of blobs that nothing names any longer. Works while the home is locked.
extension Replica {
  /// Removes the blobs that no record names: of additions that were cut off before their commit, of
  /// files that were deleted, of shares that were withdrawn.
  func collectUnnamedBlobs() throws { try collectBlobs(leaving: nil) }

  /// Drops the wraps and the cached blobs of a space that is being left, before or after its rows go. A
  /// blob that something else on this device names stays.
  func purgeFiles(of space: SpaceID) throws {
    let number = try store.number(of: space)
    try transaction {
      try database.run("DELETE FROM wrap WHERE space = ?", .integer(number))
      try database.run("DELETE FROM blob_outbox WHERE space = ?", .integer(number))
    }
    try collectBlobs(leaving: space)
  }

  private func collectBlobs(leaving space: SpaceID?) throws {
    try blobs.removeAll(but: try namedBlobs(leaving: space))
    try lookForFilesAgain()
  }

  private func namedBlobs(leaving space: SpaceID?) throws -> Set<Digest> {
    let left = try space.map { try store.number(of: $0) } ?? -1
    // Bytes in a list are hexadecimal in SQL.
    var named = Set(
      try database.rows(
        """
        SELECT blob.value FROM version, json_each(version.blobs) AS blob
        WHERE version.space <> ?1 AND EXISTS (SELECT 1 FROM file
          WHERE file.space = version.space AND file.record = version.file)
        UNION SELECT lower(hex(hash)) FROM blob_outbox WHERE space <> ?1
        """, .integer(left)
      ) { row -> Digest in
        guard let hash = Digest(hex: row.text(0)) else { throw ReplicaError.homeDamaged("blob") }
        return hash
      })
    for share in try heldShares() where share.space != space {
      named.formUnion(share.content.blobs)
    }
    // What was refused is kept whole for its author; what is unsent, until the server has it in its log.
    let kept = "SELECT body FROM rejected UNION ALL SELECT body FROM outbox"
    for body in try database.rows(kept, map: { $0.blob(0) }) {
      named.formUnion(Self.blobs(namedBy: try EncodedCommit(decoding: body)))
    }
    return named
  }

  private static func blobs(namedBy commit: EncodedCommit) -> [Digest] {
    do {
      return try commit.decoded().changes.filter { $0.type == "version" }
        .flatMap(\.writes).filter { $0.key == "blobs" }
        .flatMap { $0.value.array ?? [] }.compactMap { $0.bytes.flatMap { Digest($0) } }
    } catch {
      // Without its sealed values it cannot be read, and names nothing that could be opened.
      return []
    }
  }

  /// What is shared with this account and may lie here now.
  private func heldShares() throws -> [Share] {
    let now = try leaseNowMilliseconds
    var consents: [SpaceID: (status: ConsentStatus, terms: ConsentTerms)] = [:]
    return try usableShares().filter { share in
      let consent = try consents[share.space] ?? consent(of: share.space)
      consents[share.space] = consent
      return try access(to: share, under: consent).offlineUntilMilliseconds.map { now < $0 }
        ?? false
    }
  }

  /// Lets go of what was shared and may no longer lie here: withdrawn, expired, or its lease over. The
  /// wraps go, and the blobs that nothing else names.
  func dropWithdrawnShares() throws {
    let kept = Set(try heldShares().map(\.content.wrap))
    var dropped: [(space: Int64, hash: Digest)] = []
    for space in try receivingEngagements() {
      let number = try store.number(of: space)
      let held = try database.rows(
        "SELECT hash FROM wrap WHERE space = ?", .integer(number)
      ) { try Self.digest($0.blob(0)) }
      dropped += held.filter { !kept.contains($0) }.map { (number, $0) }
    }
    if dropped.isEmpty { return try noteDroppedShares() }
    try leavingNothingBehind {
      try transaction {
        for wrap in dropped {
          try database.run(
            "DELETE FROM wrap WHERE space = ? AND hash = ?", .integer(wrap.space),
            .blob(wrap.hash.bytes))
        }
      }
      try collectUnnamedBlobs()
    }
    try noteDroppedShares()
  }

  /// What is owed when a home is opened, locked or not: what was shared and is over goes, and so does
  /// what an interrupted run has left behind.
  func tidyFiles() throws {
    do {
      // With every command that opens the home.
      try noteTime(step: 10_000)
      try dropWithdrawnShares()
      if FileManager.default.fileExists(atPath: unfinishedPath) {
        try collectUnnamedBlobs()
        try DiskFolder.remove(file: unfinishedPath)
      }
    } catch ReplicaError.diskFull {
      // The home opens all the same, so that room can be made with it.
    }
  }

  /// Lies in the home while something runs that could leave unnamed blobs behind: looking for them at
  /// every opening would take too long.
  private var unfinishedPath: String { home.path + "/unfinished" }

  /// Runs what names blobs after it stores them, or stops naming them before it removes them.
  func leavingNothingBehind<Result>(_ body: () throws -> Result) throws -> Result {
    if !FileManager.default.fileExists(atPath: unfinishedPath) {
      try OpenFile.creating(unfinishedPath).synchronize()
    }
    let result = try body()
    try DiskFolder.remove(file: unfinishedPath)
    return result
  }
}
