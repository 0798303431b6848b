import Database
import Merge
import SyncProtocol

/// Asking the server what it knows of those with whom files are shared.
extension Replica {
  /// Requests in one sync: a server that has more to tell does it at the next.
  private static var receiptRoundCountMax: Int { 256 }

  /// One request for all engagements, and more where there is more.
  func fetchReceipts(_ connection: Connection, _ report: inout SyncReport) throws {
    do {
      var spaces = try sharingEngagements()
      for _ in 0..<Self.receiptRoundCountMax where !spaces.isEmpty {
        let batch = Array(spaces.prefix(ReceiptsRequest.partCountMax))
        let parts = try batch.map {
          ReceiptsRequest.Part(space: $0, after: try seenAccessCount(in: $0))
        }
        let answer = try connection.call(
          Path.receipts, ReceiptsRequest(parts: parts), ReceiptsResponse.self)
        for part in answer.parts { for purge in part.purges { try check(purge, of: part.space) } }
        let unread = try transaction { try answer.parts.filter { try take($0, asked: parts) } }
        // What did not fit is asked for again; an answer without anything new is the last.
        let next = unread.map(\.space).filter { batch.contains($0) }
        spaces = next + spaces.dropFirst(batch.count)
      }
    } catch let error as ReplicaError {
      try report.keep(error, while: "receipts")
    }
  }

  private func seenAccessCount(in space: SpaceID) throws -> UInt64 {
    let count = try database.first(
      "SELECT count FROM access_cursor WHERE space = ?", .integer(store.number(of: space))
    ) { $0.integer(0) }
    return UInt64(clamping: count ?? 0)
  }

  /// - Returns: whether the server has more accesses than it told.
  private func take(
    _ part: ReceiptsResponse.Part, asked: [ReceiptsRequest.Part]
  ) throws -> Bool {
    guard let after = asked.first(where: { $0.space == part.space })?.after else { return false }
    let number = try store.number(of: part.space)
    for access in part.accesses {
      try database.run(
        "INSERT OR IGNORE INTO seen_access VALUES (?, ?, ?, ?, ?, ?, ?)", .integer(number),
        .integer(Int64(access.timeMilliseconds)), .blob(access.device.bytes),
        .text(access.action), .blob(access.object), .text(access.outcome),
        .blob(access.account.bytes))
    }
    // A restored server has fewer, and counts anew; what it told before stays.
    let isShorter = part.accessCount < after
    let reached = isShorter ? 0 : after + UInt64(part.accesses.count)
    try database.run(
      "INSERT OR REPLACE INTO access_cursor VALUES (?, ?)", .integer(number),
      .integer(Int64(clamping: reached)))
    for purge in part.purges { try take(purge, of: part.space, number) }
    for contact in part.contacts {
      try database.run(
        "INSERT OR REPLACE INTO seen_contact VALUES (?, ?, ?, ?)", .integer(number),
        .blob(contact.device.bytes), .integer(Int64(contact.position.rawValue)),
        .integer(Int64(contact.timeMilliseconds)))
    }
    if isShorter { return part.accessCount > 0 }
    return !part.accesses.isEmpty && reached < part.accessCount
  }

  /// A report counts as the word of the device that has signed it, and of no other.
  private func check(_ purge: ReceiptsResponse.Purge, of space: SpaceID) throws {
    let report = purge.report
    guard let device = try chains.device(report.device) else { return }
    if report.space == space, report.isSigned(by: device.certificate.transport) { return }
    try keepEvidence(.other(report.encoded), kind: "purge report", space: space)
    throw ReplicaError.dishonest("the server shows a report that its device has not signed")
  }

  private func take(
    _ purge: ReceiptsResponse.Purge, of space: SpaceID, _ number: Int64
  ) throws {
    let report = purge.report
    guard try chains.device(report.device) != nil else { return }
    let objects = report.shares.isEmpty ? [[UInt8]()] : report.shares.map(\.bytes)
    for object in objects {
      try database.run(
        "INSERT INTO seen_purge VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (space, share, device) "
          + "DO UPDATE SET position = ?4, received = ?5 WHERE position < ?4",
        .integer(number), .blob(object), .blob(report.device.bytes),
        .integer(Int64(report.position.rawValue)), .integer(Int64(purge.receivedMilliseconds)))
    }
  }
}
