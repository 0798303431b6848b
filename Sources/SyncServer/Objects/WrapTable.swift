import Database
import Merge
import Signing
import SyncProtocol

/// Wraps by owner and name: small sealed keys beside a log or a chain.
struct WrapTable {
  let database: SQLiteDatabase

  /// Stores a wrap under its own hash; one that is there stays.
  func store(
    _ bytes: [UInt8], _ owner: WrapOwner, by account: AccountID, isNamed: Bool, now: UInt64
  ) throws {
    try database.run(
      "INSERT INTO wrap VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (owner, hash) DO UPDATE "
        + "SET stored_at = excluded.stored_at, "
        + "named = CASE WHEN wrap.named = 1 THEN 1 ELSE excluded.named END",
      .blob(owner.encoded), .blob(Hasher256.content(bytes).bytes), .blob(bytes),
      .blob(account.bytes), .integer(Int64(now)), .integer(isNamed ? 1 : 0))
    let hash = Hasher256.content(bytes)
    if try MissingObjects(database: database).remove(hash, of: owner.encoded) {
      try keep(owner, hash)
    }
  }

  func bytes(_ owner: WrapOwner, _ hash: Digest) throws -> [UInt8]? {
    try database.first(
      "SELECT bytes FROM wrap WHERE owner = ? AND hash = ?", .blob(owner.encoded),
      .blob(hash.bytes)
    ) { $0.blob(0) }
  }

  func contains(_ owner: WrapOwner, _ hash: Digest) throws -> Bool {
    try database.first(
      "SELECT 1 FROM wrap WHERE owner = ? AND hash = ?", .blob(owner.encoded), .blob(hash.bytes)
    ) { _ in true } ?? false
  }

  /// An accepted entry names it: it is kept.
  func keep(_ owner: WrapOwner, _ hash: Digest) throws {
    try database.run(
      "UPDATE wrap SET named = 1 WHERE owner = ? AND hash = ?", .blob(owner.encoded),
      .blob(hash.bytes))
  }

  /// `secure_delete` overwrites the bytes.
  func destroy(_ owner: WrapOwner, _ hash: Digest) throws {
    try database.run(
      "DELETE FROM wrap WHERE owner = ? AND hash = ?", .blob(owner.encoded), .blob(hash.bytes))
    // Nor is it kept when it is sent once more.
    _ = try MissingObjects(database: database).remove(hash, of: owner.encoded)
  }

  /// Those that `share_wrap` names.
  func destroyShares(of space: SpaceID) throws {
    for table in ["wrap", "missing_object"] {
      try database.run(
        "DELETE FROM \(table) WHERE owner = ?1 AND hash IN "
          + "(SELECT hash FROM share_wrap WHERE space = ?2)",
        .blob(WrapOwner.space(space).encoded), .blob(space.bytes))
    }
  }

  func destroyAll(of owner: WrapOwner) throws {
    try database.run("DELETE FROM wrap WHERE owner = ?", .blob(owner.encoded))
    try database.run("DELETE FROM missing_object WHERE owner = ?", .blob(owner.encoded))
  }

  func unnamedCount(of account: AccountID) throws -> Int64 {
    try database.first(
      "SELECT COUNT(*) FROM wrap WHERE account = ? AND named = 0", .blob(account.bytes)
    ) { $0.integer(0) } ?? 0
  }

  func collect(storedBefore limit: Int64) throws {
    try database.run("DELETE FROM wrap WHERE named = 0 AND stored_at < ?", .integer(limit))
  }
}
