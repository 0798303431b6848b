import Database
import Merge
import Signing
import SyncProtocol

/// Telling the server what this device holds no longer, signed by the transport key: reports that clients
/// see, not proofs. Works while locked.
extension Replica {
  /// Notes which shares were taken back, once nothing of them is here any more, and forgets those that
  /// were given again.
  func noteDroppedShares() throws {
    try transaction {
      for space in try receivingEngagements() {
        let number = try store.number(of: space)
        try database.run(
          "DELETE FROM dropped_share WHERE space = ?1 AND share NOT IN "
            + "(SELECT record FROM share WHERE space = ?1 AND access_state = 'revoked')",
          .integer(number))
        try database.run(
          "INSERT OR IGNORE INTO dropped_share SELECT space, record, 0 FROM share "
            + "WHERE space = ?1 AND access_state = 'revoked'",
          .integer(number))
      }
    }
  }

  func reportPurges(_ connection: Connection) throws {
    let due = try database.rows(
      "SELECT space.id, left_space.time FROM left_space "
        + "JOIN space ON space.number = left_space.space WHERE left_space.reported = 0"
    ) { row -> (SpaceID, UInt64) in
      guard let space = SpaceID(row.blob(0)) else { throw ReplicaError.homeDamaged("space") }
      return (space, UInt64(clamping: row.integer(1)))
    }
    for (space, time) in due {
      let report = try purgeReport(of: space, time, [], at: .zero)
      guard try send(report, connection) else { continue }
      try database.run(
        "UPDATE left_space SET reported = 1 WHERE space = ?",
        .integer(try store.number(of: space)))
    }
    for space in try receivingEngagements() { try reportDropped(in: space, connection) }
  }

  private func reportDropped(in space: SpaceID, _ connection: Connection) throws {
    let number = try store.number(of: space)
    while true {
      let ids = try database.rows(
        "SELECT share FROM dropped_share WHERE space = ? AND reported = 0 ORDER BY share LIMIT ?",
        .integer(number), .integer(Int64(PurgeReport.shareCountMax))
      ) { try Self.recordID($0.blob(0)) }
      if ids.isEmpty { return }
      let state = try store.state(space)
      let report = try purgeReport(
        of: space, state.timeMilliseconds, ids, at: state.position)
      guard try send(report, connection) else { return }
      try transaction {
        for id in ids {
          try database.run(
            "UPDATE dropped_share SET reported = 1 WHERE space = ? AND share = ?",
            .integer(number), .blob(id.bytes))
        }
      }
    }
  }

  private func purgeReport(
    of space: SpaceID, _ time: UInt64, _ shares: [RecordID], at position: Position
  ) throws -> PurgeReport {
    let message = PurgeReport.message(
      space: space, device: identity.device, timeMilliseconds: time, shares: shares,
      position: position)
    let key = try settings.transportKey()
    return PurgeReport(
      space: space, device: identity.device, timeMilliseconds: time,
      signature: key.sign(message, .purgeReport), shares: shares, position: position)
  }

  /// - Returns: false where a restored server cannot place it, because it has lost who was in the space:
  ///   then it is told at a later sync.
  private func send(_ report: PurgeReport, _ connection: Connection) throws -> Bool {
    do {
      _ = try connection.send(.post, Path.purged, report.encoded)
      return true
    } catch ReplicaError.server(.notAllowed) {
      return false
    }
  }
}
