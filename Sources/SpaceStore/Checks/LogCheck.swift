import Database
import Merge
import Signing
import SyncProtocol

/// One pass over a space's log.
struct LogCheck<Ground: CheckGround> {
  let space: SpaceID
  let number: Int64
  let store: SpaceStore
  let ground: Ground

  private var head: LogHead
  private var journals: [ReplicaID: JournalPoint] = [:]
  private var signatures: [ReplicaID: [UInt64: JournalSignature]] = [:]
  /// Up to where a journal's commits are vouched for.
  private var covered: [ReplicaID: UInt64] = [:]

  init(space: SpaceID, number: Int64, store: SpaceStore, ground: Ground) {
    self.space = space
    self.number = number
    self.store = store
    self.ground = ground
    head = .start(of: space)
  }

  /// A row of the table `log`, unread.
  private struct Row {
    let position: Int64
    let replica: [UInt8]?
    let sequence: Int64?
    let hash: [UInt8]?
    let time: Int64?
    let origin: [UInt8]?
    let entry: [UInt8]
    let head: [UInt8]?
  }

  /// - Returns: whether all of the log could be taken in, so that what came of it says something.
  mutating func run(_ replay: SpaceStore, _ report: inout CheckReport) throws -> Bool {
    try readSignatures(&report)
    var after: Int64 = 0
    while true {
      let rows = try rows(after: after)
      if rows.isEmpty { break }
      for row in rows {
        guard row.position == after + 1 else {
          report.add(.logEntries, "entry \(after + 1) is missing", in: space, .refetch)
          return false
        }
        guard try take(row, replay, &report) else { return false }
        after = row.position
      }
    }
    try finishJournals(&report)
    return true
  }

  private func rows(after position: Int64) throws -> [Row] {
    try store.database.rows(
      "SELECT log.position, replica.id, log.sequence, log.hash, log.time, log.origin, log.entry, "
        + "log.head FROM log LEFT JOIN replica ON replica.number = log.replica "
        + "WHERE log.space = ? AND log.position > ? ORDER BY log.position LIMIT 64",
      .integer(number), .integer(position)
    ) { row in
      Row(
        position: row.integer(0), replica: row.optionalBlob(1), sequence: row.optionalInteger(2),
        hash: row.optionalBlob(3), time: row.optionalInteger(4), origin: row.optionalBlob(5),
        entry: row.blob(6), head: row.optionalBlob(7))
    }
  }

  // MARK: One entry

  /// - Returns: whether the pass can go on.
  private mutating func take(
    _ row: Row, _ replay: SpaceStore, _ report: inout CheckReport
  ) throws -> Bool {
    report.count(.logEntries)
    let what = "entry \(row.position)"
    let entry: LogEntry
    do throws(WireError) { entry = try LogEntry(decoding: row.entry) } catch {
      report.add(.logEntries, "\(what) cannot be read", in: space, .refetch)
      return false
    }
    guard let point = try point(of: entry, what, &report) else { return false }
    head = head.next(entry, at: point)
    if let kept = row.head, kept != head.hash.bytes {
      report.add(.logEntries, "\(what) is not the one that was signed", in: space, .refetch)
      return false
    }
    report.count(.index)
    if !isIndexed(row, entry, point) {
      report.add(.index, "\(what) is not filed as what it is", in: space, .rebuild)
    }
    do {
      let fact = try FactResolver(space: space, source: ground.source).fact(entry)
      report.count(.verdicts)
      if case .refused(let refusal) = try replay.judge(fact, in: space) {
        report.add(
          .verdicts, "\(what) should have been refused (\(refusal.code))", in: space, .refetch)
      }
      try replay.append(entry, fact, point: point, in: space)
      return true
    } catch let error as FactError {
      report.add(.logEntries, "\(what) does not verify (\(error))", in: space, .refetch)
    } catch let error as ChainError {
      report.add(.chains, "\(what) rests on a chain that does not verify (\(error))", .none)
    }
    return false
  }

  /// The journal's point with a commit; `.some(nil)` for other entries, `nil` where the journal breaks.
  private mutating func point(
    of entry: LogEntry, _ what: String, _ report: inout CheckReport
  ) throws -> JournalPoint?? {
    guard let origin = entry.journalOrigin, let content = entry.contentHash else {
      return .some(nil)
    }
    let before = journals[origin.replica] ?? .start
    guard origin.sequence == before.sequence + 1 else {
      report.add(.journals, "\(what) does not follow in its journal", in: space, .refetch)
      return nil
    }
    let point = before.next(space, origin.replica, content: content)
    journals[origin.replica] = point
    if let signature = signatures[origin.replica]?.removeValue(forKey: point.sequence) {
      try check(signature, point, origin.replica, &report)
    }
    return .some(point)
  }

  private func isIndexed(_ row: Row, _ entry: LogEntry, _ point: JournalPoint?) -> Bool {
    let header: CommitHeader?
    do { header = try SpaceStore.header(of: entry) } catch { header = nil }
    return row.replica == entry.journalOrigin?.replica.bytes
      && row.sequence == point.map { Int64($0.sequence) } && row.hash == point?.hash.bytes
      && row.time == header.map { Int64(bitPattern: $0.time.rawValue) }
      && row.origin == header?.origin?.packed && (row.head != nil) == store.keepsHeads
  }

  // MARK: Signatures

  private mutating func readSignatures(_ report: inout CheckReport) throws {
    let rows = try store.database.rows(
      "SELECT replica.id, journal_signature.sequence, journal_signature.signature "
        + "FROM journal_signature LEFT JOIN replica ON replica.number = journal_signature.replica "
        + "WHERE journal_signature.space = ?", .integer(number)
    ) { (replica: $0.blob(0), sequence: $0.integer(1), signature: $0.blob(2)) }
    for row in rows {
      do {
        let signature = try JournalSignature(decoding: row.signature)
        guard let replica = ReplicaID(row.replica), Int64(signature.sequence) == row.sequence else {
          throw StateError.damaged
        }
        signatures[replica, default: [:]][signature.sequence] = signature
      } catch {
        report.add(.signatures, "a signature cannot be read", in: space, .refetch)
      }
    }
  }

  private mutating func check(
    _ signature: JournalSignature, _ point: JournalPoint, _ replica: ReplicaID,
    _ report: inout CheckReport
  ) throws {
    report.count(.signatures)
    guard let key = try ground.identityKey(replica.device),
      signature.covers(point, space: space, replica: replica, key: key)
    else {
      report.add(
        .signatures, "the signature over commit \(signature.sequence) of a journal does not verify",
        in: space, .refetch)
      return
    }
    covered[replica] = max(covered[replica] ?? 0, signature.sequence)
  }

  /// Signatures over commits that wait, and commits under none.
  private mutating func finishJournals(_ report: inout CheckReport) throws {
    var openCount = 0
    for replica in Set(journals.keys).union(signatures.keys).sorted() {
      report.count(.journals)
      var point = journals[replica] ?? .start
      let last = point.sequence
      for (sequence, signature) in (signatures[replica] ?? [:]).sorted(by: { $0.key < $1.key })
      where sequence > last {
        let contents = try ground.promised(
          replica, after: point.sequence, upTo: sequence, in: space)
        guard UInt64(contents.count) == sequence - point.sequence else {
          // A device is not shown what waits at the server.
          covered[replica] = ground.keepsAllSignatures ? covered[replica] : last
          continue
        }
        for content in contents { point = point.next(space, replica, content: content) }
        try check(signature, point, replica, &report)
      }
      guard covered[replica] ?? 0 < last else { continue }
      if ground.keepsAllSignatures {
        report.add(
          .signatures, "commits of a journal from \((covered[replica] ?? 0) + 1) on are not signed",
          in: space, .none)
      } else {
        openCount += 1
      }
    }
    if openCount > 0 {
      report.note("journals whose last commits have no signature here: \(openCount)")
    }
  }
}
