import Database
import Merge
import SyncProtocol

/// An attempt to get at a shared file's key or bytes, as the server reports it (requirement A9).
public struct ReportedAccess: Sendable {
  /// The engagement.
  public let space: SpaceID
  /// The server's time, milliseconds since 1970.
  public let timeMilliseconds: UInt64
  public let account: AccountID
  public let device: DeviceID
  /// `share-wrap` or `share-blob`.
  public let action: String
  /// The share; `nil` where what was asked for is of none.
  public let share: RecordID?
  /// `granted`, or why not.
  public let outcome: String
}

extension Replica {
  /// What the server has reported up to the last sync, oldest first. What is opened later without the
  /// server is not in it.
  public func reportedAccesses() throws -> [ReportedAccess] {
    try database.rows(
      "SELECT space.id, time, account, device, action, object, outcome FROM seen_access AS seen "
        + "JOIN space ON space.number = seen.space ORDER BY time, seen.space, device, action, object"
    ) { row in
      guard let space = SpaceID(row.blob(0)), let account = AccountID(row.blob(2)),
        let device = DeviceID(row.blob(3))
      else { throw ReplicaError.homeDamaged("reports") }
      return ReportedAccess(
        space: space, timeMilliseconds: UInt64(clamping: row.integer(1)), account: account,
        device: device, action: row.text(4), share: RecordID(row.blob(5)), outcome: row.text(6))
    }
  }

  /// When each share was last given out, by device; of what the server granted.
  public func lastAccesses() throws -> [RecordID: [(device: DeviceID, timeMilliseconds: UInt64)]] {
    let rows = try database.rows(
      "SELECT object, device, MAX(time) FROM seen_access WHERE outcome = 'granted' "
        + "GROUP BY object, device ORDER BY object, MAX(time) DESC, device"
    ) { ($0.blob(0), $0.blob(1), UInt64(clamping: $0.integer(2))) }
    var result: [RecordID: [(device: DeviceID, timeMilliseconds: UInt64)]] = [:]
    for (object, device, time) in rows {
      guard let share = RecordID(object), let device = DeviceID(device) else { continue }
      result[share, default: []].append((device, time))
    }
    return result
  }
}
