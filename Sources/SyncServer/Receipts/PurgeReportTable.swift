import Database
import Merge
import Signing
import SpaceStore
import SyncProtocol

/// Devices' reports of what they have purged.
struct PurgeReportTable {
  /// Of a whole space: a device purges it seldom.
  private static let spaceCountMax: Int64 = 16
  /// That name shares, of one device.
  private static let shareCountMax: Int64 = 256
  /// Reports in an answer.
  private static let answerCountMax: Int64 = 512

  let core: ServerCore

  private var database: SQLiteDatabase { core.database }

  /// Of many reports, each another one, the latest are kept.
  func keep(_ report: PurgeReport) throws {
    let isOfShares = !report.shares.isEmpty
    let table = isOfShares ? "share_purge_report" : "purge_report"
    let name = isOfShares ? "hash" : "time"
    let value: SQLValue =
      isOfShares
      ? .blob(Hasher256.content(report.encoded).bytes) : .integer(Int64(report.timeMilliseconds))
    try database.run(
      "DELETE FROM \(table) WHERE space = ?1 AND device = ?2 AND \(name) <> ?3 AND \(name) NOT IN "
        + "(SELECT \(name) FROM \(table) WHERE space = ?1 AND device = ?2 AND \(name) <> ?3 "
        + "ORDER BY received DESC, \(name) DESC LIMIT ?4)",
      .blob(report.space.bytes), .blob(report.device.bytes), value,
      .integer((isOfShares ? Self.shareCountMax : Self.spaceCountMax) - 1))
    try database.run(
      "INSERT INTO \(table) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      .blob(report.space.bytes), .blob(report.device.bytes), value, .integer(Int64(core.now)),
      .blob(isOfShares ? report.encoded : report.signature.bytes))
  }

  private static func report(_ bytes: [UInt8]) throws -> PurgeReport {
    do {
      return try PurgeReport(decoding: bytes)
    } catch {
      throw StateError.damaged
    }
  }

  /// The latest reports of a space, as they were signed.
  func reports(in space: SpaceID) throws -> [ReceiptsResponse.Purge] {
    let whole = try database.rows(
      "SELECT device, time, received, signature FROM purge_report WHERE space = ? "
        + "ORDER BY received DESC, device LIMIT ?",
      .blob(space.bytes), .integer(Self.answerCountMax)
    ) { row in
      guard let device = DeviceID(row.blob(0)), let signature = Signature(row.blob(3)) else {
        throw StateError.damaged
      }
      return ReceiptsResponse.Purge(
        report: PurgeReport(
          space: space, device: device, timeMilliseconds: UInt64(clamping: row.integer(1)),
          signature: signature), receivedMilliseconds: UInt64(clamping: row.integer(2)))
    }
    let ofShares = try database.rows(
      "SELECT report, received FROM share_purge_report WHERE space = ? "
        + "ORDER BY received DESC, device LIMIT ?",
      .blob(space.bytes), .integer(Self.answerCountMax)
    ) { row in
      ReceiptsResponse.Purge(
        report: try Self.report(row.blob(0)),
        receivedMilliseconds: UInt64(clamping: row.integer(1)))
    }
    return whole + ofShares
  }
}
