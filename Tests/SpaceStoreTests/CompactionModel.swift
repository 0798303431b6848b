import CBOR
import Merge
import Signing
import SyncProtocol
import TestSupport

@testable import SpaceStore

/// A server's store under random use, compacted now and then, and beside it the whole log and what it
/// came to at each position.
final class CompactionModel {
  struct Item {
    let entry: LogEntry
    let fact: LogFact
    let point: JournalPoint?
  }

  static let space: SpaceID = .numbered(1)
  private static let authors = 1...3
  let server: SpaceStore
  /// The log as it was written, never compacted.
  private(set) var log: [Item] = []
  /// Accepted states after each position, from the start.
  private(set) var states: [[RowKey: RecordState]] = [[:]]
  /// Where readers' views of the log end.
  private(set) var limits: [Position] = []
  private(set) var horizon = Position.zero
  private var points: [ReplicaID: JournalPoint] = [:]
  /// Refused commits that wait to be written anew.
  private var refused: [(origin: Origin, seen: Position, change: RecordChange)] = []
  private var generator: SplitMix64
  private var recordCount = 0
  private var time: UInt64 = 1000

  init(seed: UInt64) throws {
    generator = SplitMix64(seed: seed)
    server = try makeStore(keepsHeads: true, schema: TestSchema.compactable)
  }

  // MARK: The log

  func run(stepCount: Int) throws {
    for _ in 0..<stepCount {
      switch generator.number(0...11) {
      case 0: try append(.time(time), .time(milliseconds: time))
      case 1: if generator.oneIn(4) { limits.append(position) }
      case 2...3: try compact()
      case 4: try refuse()
      case 5: try reissue()
      default: try write()
      }
    }
    // At the end all have read all.
    horizon = position
    try compact(countMax: 1000)
  }

  private var position: Position { Position(UInt64(log.count)) }

  /// Everybody has read a bit further.
  private func compact() throws {
    horizon = Position(UInt64(generator.number(Int(horizon.rawValue)...log.count)))
    try compact(countMax: generator.number(1...5))
  }

  private func compact(countMax: Int) throws {
    _ = try server.compact(Self.space, horizon: horizon, limits: limits, countMax: countMax)
  }

  private func write() throws {
    let author = generator.number(Self.authors)
    guard let change = makeChange() else { return }
    try commit(change, by: author, seen: oldContext(), origin: nil)
  }

  /// Somewhere between the start and now, mostly near.
  private func oldContext() -> Position {
    let last = log.count
    return Position(
      UInt64(generator.number((generator.oneIn(3) ? last / 2 : last * 9 / 10)...last)))
  }

  private func refuse() throws {
    let author = generator.number(Self.authors)
    guard let change = makeChange(), change.operation == .update else { return }
    let seen = oldContext()
    let origin = nextOrigin(author)
    refused.append((origin, seen, change))
    let encoded = EncodedCommit(Commit(header: header(seen, nil), changes: [change]))
    let entry = LogEntry.refusal(origin, encoded.withoutSealed, Refusal(.clockAhead))
    try append(entry, .refused(origin))
  }

  /// With the old context and origin.
  private func reissue() throws {
    guard !refused.isEmpty else { return }
    let old = refused.removeFirst()
    guard let state = states[log.count][key(old.change)],
      isWritable(state, old.change.type)
    else { return }
    let author = Self.authors.first { old.origin.replica == .home(of: $0) } ?? 1
    try commit(old.change, by: author, seen: old.seen, origin: old.origin)
  }

  private func commit(
    _ change: RecordChange, by author: Int, seen: Position, origin: Origin?
  ) throws {
    let commit = Commit(header: header(seen, origin), changes: [change])
    let journal = nextOrigin(author)
    try append(.commit(journal, EncodedCommit(commit)), .commit(commit, journal))
  }

  private func header(_ seen: Position, _ origin: Origin?) -> CommitHeader {
    time += UInt64(generator.number(0...2))
    return CommitHeader(
      time: HybridTime(milliseconds: time, counter: 0), context: Context(position: seen),
      origin: origin)
  }

  private func nextOrigin(_ author: Int) -> Origin {
    let replica = ReplicaID.home(of: author)
    return Origin(replica: replica, sequence: (points[replica]?.sequence ?? 0) + 1)
  }

  private func append(_ entry: LogEntry, _ fact: LogFact) throws {
    var point: JournalPoint?
    if let origin = entry.journalOrigin, let content = entry.contentHash {
      point = (points[origin.replica] ?? .start)
        .next(Self.space, origin.replica, content: content)
      points[origin.replica] = point
    }
    log.append(Item(entry: entry, fact: fact, point: point))
    try server.append(entry, fact, point: point, in: Self.space)
    states.append(
      try Self.states(server, rows: Set(states[states.count - 1].keys).union(rows(fact))))
  }

  private func rows(_ fact: LogFact) -> [RowKey] {
    guard case .commit(let commit, _) = fact else { return [] }
    return commit.changes.map(key)
  }

  static func states(_ store: SpaceStore, rows: Set<RowKey>) throws -> [RowKey: RecordState] {
    try Dictionary(
      uniqueKeysWithValues: rows.map { ($0, try store.tables.acceptedState($0)) })
  }

  private func key(_ change: RecordChange) -> RowKey {
    RowKey(space: 1, type: change.type, record: change.record)
  }

  // MARK: Readers

  /// The server's log as it is now.
  func served() throws -> [LogEntry] {
    try server.log.entries(
      space: server.number(of: Self.space), after: .zero, byteCountMax: 1 << 30)
  }

  /// Takes an entry in as a reader does.
  static func take(
    _ entry: LogEntry, _ point: JournalPoint?, into store: SpaceStore
  ) throws {
    let fact: LogFact
    switch entry {
    case .commit(let origin, let commit): fact = .commit(try commit.decoded(), origin)
    case .stub(let origin, let stub): fact = .stub(try stub.decoded(), origin)
    case .refusal(let origin, _, _): fact = .refused(origin)
    case .time(let milliseconds): fact = .time(milliseconds: milliseconds)
    default: preconditionFailure("the model writes none")
    }
    try store.append(entry, fact, point: point, in: space)
  }

  // MARK: Changes

  private func isWritable(_ state: RecordState, _ type: String) -> Bool {
    state.created != nil && (type == "sample" || !state.isGone(.deleteWins))
  }

  private func makeChange() -> RecordChange? {
    let known = states[log.count].filter { isWritable($0.value, $0.key.type) }.keys.sorted()
    if known.count < 3 || generator.oneIn(10) {
      recordCount += 1
      let type = generator.oneIn(2) ? TestSchema.remark : TestSchema.plain
      return RecordChange(
        type: type.name, record: .numbered(recordCount), operation: .create,
        writes: makeWrites(type))
    }
    let row = generator.pick(known)
    if generator.oneIn(6) {
      return RecordChange(type: row.type, record: row.record, operation: .delete)
    }
    let writes = makeWrites(row.type == "sample" ? TestSchema.plain : TestSchema.remark)
    if writes.isEmpty { return nil }
    return RecordChange(type: row.type, record: row.record, operation: .update, writes: writes)
  }

  /// Few fields and few values, so that writes meet.
  private func makeWrites(_ type: RecordType) -> [FieldWrite] {
    let names: Set<String> = ["title", "secret", "amount", "level", "labels", "text", "score"]
    var writes: [FieldWrite] = []
    for field in type.fields where names.contains(field.name) && generator.oneIn(2) {
      let key = field.rule.isSet ? "\(field.name)/\(generator.pick(["a", "b"]))" : field.name
      let value =
        field.rule.isSet ? CBORValue.bool(generator.oneIn(2)) : generator.value(of: field)
      writes.append(FieldWrite(key: key, value: value, sealed: field.sealed))
    }
    // Seldom: what is written once keeps its commit for as long as the record lives.
    if type.field("raw") != nil, generator.oneIn(12) {
      writes.append(FieldWrite(key: "raw", value: .bytes([1])))
    }
    return writes
  }
}
