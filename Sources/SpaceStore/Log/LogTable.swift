import CBOR
import Database
import Merge
import Signing
import SyncProtocol

/// The logs of all spaces, the journals in them and the signatures over those.
public final class LogTable: AuthorshipSource {
  let database: any SQLDatabase
  /// A replica's numbers in this database, so that a row need not repeat 24 bytes.
  private var replicas: [ReplicaID: Int64] = [:]
  private struct Place: Hashable {
    let space: Int64
    let position: Position
  }

  /// Who wrote what stands at places that were asked for.
  private var authorships: [Place: Authorship] = [:]
  /// Who wrote an own unsent commit; set by a device, never asked for on a server.
  public var pendingAuthorship: ((_ space: Int64, _ sequence: UInt64) throws -> Authorship)?

  init(database: any SQLDatabase) { self.database = database }

  static let createStatements = [
    """
    CREATE TABLE replica (number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE) STRICT
    """,
    """
    CREATE TABLE log (
      space INTEGER NOT NULL, position INTEGER NOT NULL,
      replica INTEGER, sequence INTEGER, hash BLOB, time INTEGER, origin BLOB,
      entry BLOB NOT NULL, head BLOB, PRIMARY KEY (space, position)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE UNIQUE INDEX log_journal ON log (space, replica, sequence) WHERE replica IS NOT NULL
    """,
    """
    CREATE TABLE journal_signature (
      space INTEGER NOT NULL, replica INTEGER NOT NULL, sequence INTEGER NOT NULL,
      signature BLOB NOT NULL, PRIMARY KEY (space, replica, sequence)
    ) STRICT, WITHOUT ROWID
    """,
  ]

  func forget() {
    replicas = [:]
    forgetAuthorships()
  }

  /// Forgets who wrote what: after the log, or what is unsent, has changed otherwise than at its end.
  public func forgetAuthorships() { authorships = [:] }

  // MARK: Writing

  /// Appends one entry at a position.
  ///
  /// - Parameters:
  ///   - point: the journal's point with this commit; `nil` for other entries.
  ///   - header: the commit's header; `nil` for other entries.
  ///   - head: the rolling hash with this entry, where it has to be signed again later.
  ///   - isLogged: whether the entry stands there already, and only what is derived from it is written.
  func append(
    _ entry: LogEntry, space: Int64, position: Position, point: JournalPoint?,
    header: CommitHeader?, head: Digest?, isLogged: Bool = false
  ) throws {
    let replica = try entry.journalOrigin.map { try number(of: $0.replica) }
    let derived: [SQLValue] = [
      replica.map { .integer($0) } ?? .null,
      (point?.sequence).map { .integer(Int64($0)) } ?? .null,
      (point?.hash).map { .blob($0.bytes) } ?? .null,
      (header?.time).map { .integer(Int64(bitPattern: $0.rawValue)) } ?? .null,
      (header?.origin).map { .blob($0.packed) } ?? .null,
      head.map { .blob($0.bytes) } ?? .null,
    ]
    let place: [SQLValue] = [.integer(space), .integer(Int64(position.rawValue))]
    try database.run(
      isLogged
        ? "UPDATE log SET replica = ?, sequence = ?, hash = ?, time = ?, origin = ?, head = ? "
          + "WHERE space = ? AND position = ?"
        : "INSERT INTO log (replica, sequence, hash, time, origin, head, space, position, entry) "
          + "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      arguments: derived + place + (isLogged ? [] : [.blob(entry.encoded)]))
  }

  /// Forgets what is derived from the entries of a space, before it is written anew: in between two
  /// entries could seem to have one place in a journal.
  func clearDerived(space: Int64) throws {
    forgetAuthorships()
    try database.run(
      "UPDATE log SET replica = NULL, sequence = NULL, hash = NULL, time = NULL, origin = NULL, "
        + "head = NULL WHERE space = ?", .integer(space))
  }

  /// Drops what stands after a position, with the signatures that reach beyond it: a journal may go on
  /// otherwise.
  func cut(space: Int64, after position: Position) throws {
    forgetAuthorships()
    try database.run(
      "DELETE FROM log WHERE space = ? AND position > ?", .integer(space),
      .integer(Int64(position.rawValue)))
    try database.run(
      "DELETE FROM journal_signature WHERE space = ? AND sequence > (SELECT "
        + "COALESCE(MAX(log.sequence), 0) FROM log WHERE log.space = journal_signature.space "
        + "AND log.replica = journal_signature.replica)", .integer(space))
  }

  /// A number that the database holds; what was put there by somebody else can be anything.
  static func number(_ stored: Int64) throws(StateError) -> UInt64 {
    guard let number = UInt64(exactly: stored), number < Position.countMax else { throw .damaged }
    return number
  }

  /// Puts a stub in the place of the commit that it was.
  func replace(_ stub: LogEntry, space: Int64, at position: Position) throws {
    try database.run(
      "UPDATE log SET entry = ? WHERE space = ? AND position = ?", .blob(stub.encoded),
      .integer(space), .integer(Int64(position.rawValue)))
  }

  /// Keeps a signature over a journal.
  public func keep(
    _ signature: JournalSignature, space: Int64, replica: ReplicaID
  ) throws {
    try database.run(
      "INSERT OR IGNORE INTO journal_signature VALUES (?, ?, ?, ?)",
      .integer(space), .integer(try number(of: replica)), .integer(Int64(signature.sequence)),
      .blob(signature.encoded))
  }

  private func number(of replica: ReplicaID) throws -> Int64 {
    if let number = replicas[replica] { return number }
    try database.run("INSERT OR IGNORE INTO replica (id) VALUES (?)", .blob(replica.bytes))
    let number = try database.first(
      "SELECT number FROM replica WHERE id = ?", .blob(replica.bytes)
    ) { $0.integer(0) }
    guard let number else { throw StateError.damaged }
    if replicas.count >= Self.cachedCountMax { replicas = [:] }
    replicas[replica] = number
    return number
  }

  /// Replica numbers kept in memory: a device may write as any number of homes.
  private static let cachedCountMax = 65_536

  private func knownNumber(of replica: ReplicaID) throws -> Int64? {
    if let number = replicas[replica] { return number }
    return try database.first(
      "SELECT number FROM replica WHERE id = ?", .blob(replica.bytes)
    ) { $0.integer(0) }
  }

  // MARK: Reading

  public func entry(space: Int64, at position: Position) throws -> LogEntry? {
    try database.first(
      "SELECT entry FROM log WHERE space = ? AND position = ?",
      .integer(space), .integer(Int64(position.rawValue))
    ) { try LogEntry(decoding: $0.blob(0)) }
  }

  /// Entries after a position, until about `byteCountMax` encoded bytes; at least one if there is one.
  public func entries(
    space: Int64, after: Position, byteCountMax: Int
  ) throws -> [LogEntry] {
    var result: [LogEntry] = []
    var byteCount = 0
    try database.withStatement(
      "SELECT entry FROM log WHERE space = ? AND position > ? ORDER BY position"
    ) { statement in
      try statement.bind([.integer(space), .integer(Int64(after.rawValue))])
      while try statement.step() {
        let bytes = statement.blob(0)
        byteCount += bytes.count
        if !result.isEmpty && byteCount > byteCountMax { break }
        result.append(try LogEntry(decoding: bytes))
        if result.count == LogPage.entryCountMax { break }
      }
    }
    return result
  }

  /// All entries after a position up to another one; those that the log has.
  public func entries(
    space: Int64, from after: Position, upTo last: Position
  ) throws -> [LogEntry] {
    try database.rows(
      "SELECT entry FROM log WHERE space = ? AND position > ? AND position <= ? "
        + "ORDER BY position",
      .integer(space), .integer(Int64(after.rawValue)), .integer(Int64(last.rawValue))
    ) { try LogEntry(decoding: $0.blob(0)) }
  }

  /// The rolling hash at a position; `nil` where none was kept.
  public func headHash(space: Int64, at position: Position) throws -> Digest? {
    if position == .zero { return .zero }
    return try database.first(
      "SELECT head FROM log WHERE space = ? AND position = ?",
      .integer(space), .integer(Int64(position.rawValue))
    ) { Digest($0.blob(0)) } ?? nil
  }

  /// The hash of each entry after a position and up to another, in order.
  public func entryHashes(
    space: Int64, after: Position, upTo last: Position
  ) throws -> [Digest] {
    try database.rows(
      "SELECT entry, sequence, hash FROM log WHERE space = ? AND position > ? AND position <= ? "
        + "ORDER BY position",
      .integer(space), .integer(Int64(after.rawValue)), .integer(Int64(last.rawValue))
    ) { row in
      let point = row.optionalBlob(2).flatMap { Digest($0) }
        .map { JournalPoint(sequence: UInt64(row.integer(1)), hash: $0) }
      let entry = try LogEntry(decoding: row.blob(0))
      guard entry.journalOrigin == nil || point != nil else { throw StateError.damaged }
      return entry.hash(at: point)
    }
  }

  func setHead(_ head: LogHead, space: Int64) throws {
    try database.run(
      "UPDATE log SET head = ? WHERE space = ? AND position = ?", .blob(head.hash.bytes),
      .integer(space), .integer(Int64(head.position.rawValue)))
  }

  /// The last point of a journal in the log, or the last one up to a sequence.
  public func journalPoint(
    space: Int64, replica: ReplicaID, upTo sequence: UInt64 = Position.countMax - 1
  ) throws -> JournalPoint {
    guard let number = try knownNumber(of: replica) else { return .start }
    return try database.first(
      "SELECT sequence, hash FROM log WHERE space = ? AND replica = ? AND sequence <= ? "
        + "ORDER BY sequence DESC LIMIT 1",
      .integer(space), .integer(number), .integer(Int64(sequence))
    ) { row in
      guard let hash = Digest(row.blob(1)) else { throw StateError.damaged }
      return JournalPoint(sequence: try Self.number(row.integer(0)), hash: hash)
    } ?? .start
  }

  /// Where a journal's commit stands, its point, and the entry.
  public func find(
    space: Int64, _ origin: Origin
  ) throws -> (position: Position, point: JournalPoint, entry: LogEntry)? {
    guard let number = try knownNumber(of: origin.replica) else { return nil }
    return try database.first(
      "SELECT position, hash, entry FROM log WHERE space = ? AND replica = ? AND sequence = ?",
      .integer(space), .integer(number), .integer(Int64(origin.sequence))
    ) { row in
      guard let hash = Digest(row.blob(1)) else { throw StateError.damaged }
      return (
        Position(try Self.number(row.integer(0))),
        JournalPoint(sequence: origin.sequence, hash: hash),
        try LogEntry(decoding: row.blob(2))
      )
    }
  }

  /// For each journal with commits among the entries: what leads from its last one to a signature.
  public func tails(space: Int64, of entries: [LogEntry]) throws -> [LogPage.JournalTail] {
    var last: [ReplicaID: UInt64] = [:]
    for case let origin? in entries.map(\.journalOrigin) {
      last[origin.replica] = max(last[origin.replica] ?? 0, origin.sequence)
    }
    return try last.keys.sorted().map { replica in
      try tail(space: space, replica: replica, after: last[replica] ?? 0)
    }
  }

  private func tail(
    space: Int64, replica: ReplicaID, after sequence: UInt64
  ) throws -> LogPage.JournalTail {
    let number = try number(of: replica)
    let signature = try database.first(
      "SELECT signature FROM journal_signature WHERE space = ? AND replica = ? AND sequence >= ? "
        + "ORDER BY sequence LIMIT 1",
      .integer(space), .integer(number), .integer(Int64(sequence))
    ) { try JournalSignature(decoding: $0.blob(0)) }
    guard let signature else { throw StateError.damaged }
    let hashes = try database.rows(
      "SELECT entry FROM log WHERE space = ? AND replica = ? AND sequence > ? AND sequence <= ? "
        + "ORDER BY sequence",
      .integer(space), .integer(number), .integer(Int64(sequence)),
      .integer(Int64(signature.sequence))
    ) { row in
      guard let content = try LogEntry(decoding: row.blob(0)).contentHash else {
        throw StateError.damaged
      }
      return content
    }
    return LogPage.JournalTail(replica: replica, contentHashes: hashes, signature: signature)
  }

  /// How far each journal of a space is known.
  public func versionVector(space: Int64) throws -> VersionVector {
    var vector = VersionVector()
    // From one replica to the next, and to the last of each: not through all of the log.
    try database.each(
      "WITH RECURSIVE journal (number) AS (SELECT MIN(replica) FROM log WHERE space = ?1 "
        + "AND replica IS NOT NULL UNION ALL SELECT (SELECT MIN(replica) FROM log "
        + "WHERE space = ?1 AND replica > journal.number) FROM journal WHERE number IS NOT NULL) "
        + "SELECT replica.id, (SELECT MAX(sequence) FROM log WHERE space = ?1 "
        + "AND log.replica = replica.number) FROM journal JOIN replica USING (number)",
      .integer(space)
    ) { row in
      guard let replica = ReplicaID(row.blob(0)) else { throw StateError.damaged }
      vector.advance(replica, to: try Self.number(row.integer(1)))
    }
    return vector
  }

  /// Who wrote what stands at a position.
  public func authorship(space: Int64, at position: Position) throws -> Authorship {
    let place = Place(space: space, position: position)
    if let known = authorships[place] { return known }
    let found = try readAuthorship(space: space, at: position)
    if authorships.count >= Self.authorshipCountMax { authorships = [:] }
    authorships[place] = found
    return found
  }

  /// Authorships kept in memory, each about a hundred bytes.
  private static let authorshipCountMax = 16_384

  private func readAuthorship(space: Int64, at position: Position) throws -> Authorship {
    if let sequence = position.pendingSequence {
      guard let pendingAuthorship else { throw StateError.damaged }
      return try pendingAuthorship(space, sequence)
    }
    let found = try database.first(
      "SELECT replica.id, log.sequence, log.time, log.origin FROM log "
        + "JOIN replica ON replica.number = log.replica WHERE log.space = ? AND log.position = ?",
      .integer(space), .integer(Int64(position.rawValue))
    ) { row in
      guard let replica = ReplicaID(row.blob(0)) else { throw StateError.damaged }
      let journal = Origin(replica: replica, sequence: try Self.number(row.integer(1)))
      let origin = row.optionalBlob(3).flatMap { Origin(packed: $0) } ?? journal
      return Authorship(
        origin: origin, time: HybridTime(rawValue: UInt64(bitPattern: row.integer(2))))
    }
    guard let found else { throw StateError.damaged }
    return found
  }

  /// A replica's accepted commits after a number, in order.
  public func commits(
    space: Int64, of replica: ReplicaID, after sequence: UInt64
  ) throws -> [(sequence: UInt64, commit: EncodedCommit)] {
    guard let number = try knownNumber(of: replica) else { return [] }
    return try database.rows(
      "SELECT sequence, entry FROM log WHERE space = ? AND replica = ? AND sequence > ? "
        + "ORDER BY sequence",
      .integer(space), .integer(number), .integer(Int64(sequence))
    ) { row -> (sequence: UInt64, commit: EncodedCommit)? in
      let entry = try LogEntry(decoding: row.blob(1))
      guard case .commit(_, let commit) = entry.content else { return nil }
      return (UInt64(row.integer(0)), commit)
    }.compactMap(\.self)
  }

  func purge(space: Int64) throws {
    forgetAuthorships()
    try database.run("DELETE FROM log WHERE space = ?", .integer(space))
    try database.run("DELETE FROM journal_signature WHERE space = ?", .integer(space))
  }
}
