import Database
import Merge
import SpaceStore

/// For each account, its spaces by the order in which they last moved.
///
/// Numbers count for each account apart, so that one account's feed tells nothing of others.
struct FeedTable {
  static let movedCountMax = 65_536

  let database: SQLiteDatabase

  func move(_ space: SpaceID, for account: AccountID) throws {
    let last = try last(of: account)
    try database.run(
      "INSERT INTO feed VALUES (?, ?, ?) ON CONFLICT (account, space) DO UPDATE "
        + "SET number = excluded.number",
      .blob(account.bytes), .blob(space.bytes), .integer(last + 1))
  }

  func last(of account: AccountID) throws -> Int64 {
    try database.first(
      "SELECT COALESCE(MAX(number), 0) FROM feed WHERE account = ?", .blob(account.bytes)
    ) { $0.integer(0) } ?? 0
  }

  /// What moved after a number, in that order.
  func moved(
    after number: Int64, for account: AccountID
  ) throws -> [(space: SpaceID, number: Int64)] {
    try database.rows(
      "SELECT space, number FROM feed WHERE account = ? AND number > ? ORDER BY number LIMIT ?",
      .blob(account.bytes), .integer(number), .integer(Int64(Self.movedCountMax))
    ) { row in
      guard let space = SpaceID(row.blob(0)) else { throw StateError.damaged }
      return (space, row.integer(1))
    }
  }
}
