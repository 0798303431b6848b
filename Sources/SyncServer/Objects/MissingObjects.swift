import Database
import Merge
import Signing

/// Wraps and blobs that a restored server's logs name and its disk does not have: kept as named when
/// a device sends them again.
struct MissingObjects {
  let database: SQLiteDatabase

  /// - Parameter owner: the wrap's owner, encoded, or the blob's vault.
  func insert(_ hash: Digest, of owner: [UInt8]) throws {
    try database.run(
      "INSERT INTO missing_object VALUES (?, ?) ON CONFLICT DO NOTHING", .blob(owner),
      .blob(hash.bytes))
  }

  /// - Returns: whether it was missing.
  func remove(_ hash: Digest, of owner: [UInt8]) throws -> Bool {
    let isMissing = try database.first(
      "SELECT 1 FROM missing_object WHERE owner = ? AND hash = ?", .blob(owner),
      .blob(hash.bytes)
    ) { _ in true }
    guard isMissing != nil else { return false }
    try database.run(
      "DELETE FROM missing_object WHERE owner = ? AND hash = ?", .blob(owner),
      .blob(hash.bytes))
    return true
  }
}
