import Database

/// Single numbers that the server keeps.
enum ServerSetting: String {
  /// The present incarnation; spaces take it over when they are written to. 0: never restored.
  case incarnation
  /// The incarnation since which shares wait for their client; 0: none.
  case withholding
  /// How late it was when somebody last looked at an emergency that was open; 0: none is.
  case emergencyClock = "emergency_clock"
  /// By how much the clock has gone back since it was opened.
  case emergencyDelay = "emergency_delay"

  /// How often something was written, to tell an older database; see ``ContinuityMark``.
  case transactionCount = "transactions"

  func value(in database: SQLiteDatabase) throws -> UInt64 {
    let found = try database.first(
      "SELECT value FROM server_setting WHERE name = ?", .text(rawValue)
    ) { $0.integer(0) }
    return UInt64(clamping: found ?? 0)
  }

  func set(_ value: UInt64, in database: SQLiteDatabase) throws {
    try database.run(
      "INSERT INTO server_setting VALUES (?, ?) ON CONFLICT (name) DO UPDATE "
        + "SET value = excluded.value",
      .text(rawValue), .integer(Int64(clamping: value)))
  }
}
