import CBOR
import Database
import Merge
import Signing
import SpaceStore
import SyncProtocol

/// An own commit that has no verdict yet, or was accepted and has not come back in the log.
struct OutboxEntry {
  let sequence: UInt64
  let encoded: EncodedCommit
  /// The journal's hash before the commit, and with it.
  let previous: Digest
  let hash: Digest
  let privateCopy: [UInt8]
  let accepted: Position?

  func commit() throws -> Commit { try encoded.decoded() }
}

extension Replica {
  func outbox(space: Int64) throws -> [OutboxEntry] {
    try database.rows(
      "SELECT sequence, body, previous, hash, private, accepted FROM outbox WHERE space = ? "
        + "ORDER BY sequence",
      .integer(space), map: Self.outboxEntry)
  }

  func outboxEntry(space: Int64, sequence: UInt64) throws -> OutboxEntry? {
    try database.first(
      "SELECT sequence, body, previous, hash, private, accepted FROM outbox "
        + "WHERE space = ? AND sequence = ?",
      .integer(space), .integer(Int64(sequence)), map: Self.outboxEntry)
  }

  private static func outboxEntry(_ row: any SQLStatement) throws -> OutboxEntry {
    guard let previous = Digest(row.blob(2)), let hash = Digest(row.blob(3)) else {
      throw ReplicaError.homeDamaged("outbox")
    }
    let sequence = try count(row.integer(0))
    guard sequence > 0 else { throw ReplicaError.homeDamaged("outbox") }
    return OutboxEntry(
      sequence: sequence, encoded: try EncodedCommit(decoding: row.blob(1)),
      previous: previous, hash: hash, privateCopy: row.blob(4),
      accepted: try row.optionalInteger(5).map { Position(try count($0)) })
  }

  /// A sequence or position that the database holds; what was put there by somebody else can be
  /// anything.
  static func count(_ stored: Int64) throws -> UInt64 {
    guard let count = UInt64(exactly: stored), count < Position.countMax else {
      throw ReplicaError.homeDamaged("a number")
    }
    return count
  }

  func pendingAuthorship(space: Int64, sequence: UInt64) throws -> Authorship {
    let found = try database.first(
      "SELECT time, origin FROM outbox WHERE space = ? AND sequence = ?",
      .integer(space), .integer(Int64(sequence))
    ) { row in
      let journal = Origin(replica: try journalReplica(space: space), sequence: sequence)
      return Authorship(
        origin: row.optionalBlob(1).flatMap { Origin(packed: $0) } ?? journal,
        time: HybridTime(rawValue: UInt64(bitPattern: row.integer(0))))
    }
    guard let found else { throw ReplicaError.homeDamaged("outbox") }
    return found
  }

  /// Takes a commit out of the outbox and gives the rows it touched.
  private func dequeue(space: Int64, sequence: UInt64) throws -> [RowKey] {
    guard let entry = try outboxEntry(space: space, sequence: sequence) else { return [] }
    let rows = try entry.commit().changes.map {
      RowKey(space: space, type: $0.type, record: $0.record)
    }
    for row in rows {
      try database.run(
        "DELETE FROM outbox_row WHERE space = ? AND type = ? AND record = ? AND sequence = ?",
        .integer(space), .text(row.type), .blob(row.record.bytes), .integer(Int64(sequence)))
    }
    for table in ["outbox", "stale_commit"] {
      try database.run(
        "DELETE FROM \(table) WHERE space = ? AND sequence = ?", .integer(space),
        .integer(Int64(sequence)))
    }
    return rows
  }

  /// An own commit came back in the log.
  func settle(space: Int64, sequence: UInt64) throws -> [RowKey] {
    try dequeue(space: space, sequence: sequence)
  }

  /// Notes the server's word; the commit leaves the outbox when it comes back in the log.
  func noteAccepted(space: Int64, sequence: UInt64, at position: Position) throws {
    try database.run(
      "UPDATE outbox SET accepted = ? WHERE space = ? AND sequence = ?",
      .integer(Int64(position.rawValue)), .integer(space), .integer(Int64(sequence)))
  }

  /// The log of a space that was left does not bring accepted commits back.
  func settleAccepted(space: Int64) throws {
    for entry in try outbox(space: space) where entry.accepted != nil {
      _ = try dequeue(space: space, sequence: entry.sequence)
    }
  }

  /// A final no: the commit is kept whole under `rejected`, and no longer shown.
  func reject(space: Int64, sequence: UInt64, _ refusal: Refusal) throws {
    guard let entry = try outboxEntry(space: space, sequence: sequence) else { return }
    let time = try entry.encoded.decodedHeader().time
    try database.run(
      "INSERT OR IGNORE INTO rejected "
        + "(space, home, sequence, body, private, refusal, written, refused) "
        + "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      .integer(space), .integer(Int64(bitPattern: try journalReplica(space: space).home)),
      .integer(Int64(sequence)), .blob(entry.encoded.encoded),
      .blob(entry.privateCopy), .blob(refusal.encoded), .integer(Int64(time.milliseconds)),
      .integer(Int64(try nowMilliseconds)))
    try rebuild(try dequeue(space: space, sequence: sequence))
  }

  /// Shows rows as their accepted state and what is still unsent make them.
  func rebuild(_ rows: [RowKey]) throws {
    for row in Set(rows).sorted() {
      let creation = try store.tables.unsentCreation(row)
      var pending: [(change: RecordChange, stamp: CommitStamp)] = []
      for sequence in try sequences(under: row, and: creation) {
        guard let entry = try outboxEntry(space: row.space, sequence: sequence) else { continue }
        let commit = try entry.commit()
        let stamp = try pendingStamp(commit.header, sequence: sequence, space: row.space)
        for change in commit.changes where change.record == row.record && change.type == row.type {
          pending.append((change, stamp))
        }
      }
      try store.tables.rebuild(row, pending: pending)
      // Somebody else has created the record too: the row does not name the own commit any more.
      if let creation, !pending.isEmpty, try store.tables.unsentCreation(row) != creation {
        try file(creation, under: row)
      }
    }
  }

  /// Unsent commits that a row is under, in order.
  ///
  /// - Parameter creation: the one that has created the record; it is filed nowhere.
  private func sequences(under row: RowKey, and creation: UInt64?) throws -> [UInt64] {
    let filed = try database.rows(
      "SELECT sequence FROM outbox_row WHERE space = ? AND type = ? AND record = ? "
        + "ORDER BY sequence",
      .integer(row.space), .text(row.type), .blob(row.record.bytes)
    ) { try Self.count($0.integer(0)) }
    guard let creation, !filed.contains(creation) else { return filed }
    return (filed + [creation]).sorted()
  }
}
