import Database
import Merge
import Signing
import SpaceStore

/// Which blobs each vault has, how large, and whether an accepted entry names them.
struct BlobTable {
  let database: SQLiteDatabase

  func contains(_ name: BlobName) throws -> Bool {
    try database.first(
      "SELECT 1 FROM blob WHERE space = ? AND hash = ?", .blob(name.space.bytes),
      .blob(name.hash.bytes)
    ) { _ in true } ?? false
  }

  /// `nil` where there is none.
  func byteCount(of name: BlobName) throws -> Int? {
    try database.first(
      "SELECT byte_count FROM blob WHERE space = ? AND hash = ?", .blob(name.space.bytes),
      .blob(name.hash.bytes)
    ) { Int($0.integer(0)) }
  }

  func insert(_ name: BlobName, byteCount: Int, now: UInt64) throws {
    try database.run(
      "INSERT INTO blob VALUES (?, ?, ?, ?, 0) ON CONFLICT (space, hash) DO UPDATE "
        + "SET stored_at = excluded.stored_at",
      .blob(name.space.bytes), .blob(name.hash.bytes), .integer(Int64(byteCount)),
      .integer(Int64(now)))
    if try MissingObjects(database: database).remove(name.hash, of: name.space.bytes) {
      try keep(name)
    }
  }

  /// Somebody counts on it: its day begins anew.
  func touch(_ name: BlobName, now: UInt64) throws {
    try database.run(
      "UPDATE blob SET stored_at = ? WHERE space = ? AND hash = ? AND named = 0",
      .integer(Int64(now)), .blob(name.space.bytes), .blob(name.hash.bytes))
  }

  /// An accepted entry names it: it is kept.
  func keep(_ name: BlobName) throws {
    try database.run(
      "UPDATE blob SET named = 1 WHERE space = ? AND hash = ?", .blob(name.space.bytes),
      .blob(name.hash.bytes))
  }

  /// What the vault's blobs count for: each at least `least` bytes.
  func byteCount(of space: SpaceID, least: UInt64) throws -> UInt64 {
    let sum = try database.first(
      "SELECT COALESCE(SUM(MAX(byte_count, ?)), 0) FROM blob WHERE space = ?",
      .integer(Int64(clamping: least)), .blob(space.bytes)
    ) { $0.integer(0) }
    return UInt64(clamping: sum ?? 0)
  }

  func unnamed(storedBefore limit: Int64) throws -> [BlobName] {
    try database.rows(
      "SELECT space, hash FROM blob WHERE named = 0 AND stored_at < ? ORDER BY space, hash",
      .integer(limit)
    ) { row in
      guard let space = SpaceID(row.blob(0)), let hash = Digest(row.blob(1)) else {
        throw StateError.damaged
      }
      return BlobName(space: space, hash: hash)
    }
  }

  func names(of space: SpaceID) throws -> [BlobName] {
    try database.rows(
      "SELECT hash FROM blob WHERE space = ? ORDER BY hash", .blob(space.bytes)
    ) { row in
      guard let hash = Digest(row.blob(0)) else { throw StateError.damaged }
      return BlobName(space: space, hash: hash)
    }
  }

  func remove(_ name: BlobName) throws {
    try database.run(
      "DELETE FROM blob WHERE space = ? AND hash = ?", .blob(name.space.bytes),
      .blob(name.hash.bytes))
  }
}
