import CBOR
import Merge
import TestSupport

/// The people of the tests; each has one device with the same number.
enum Person: Int, CaseIterable {
  case admin = 1
  case client = 2
  case practitioner = 3
  case staff = 4
  case contact = 5
  /// Certified, and a member of nothing.
  case outsider = 6
  case server = 99

  var account: AccountID { .numbered(rawValue) }
  var device: DeviceID { .numbered(rawValue) }
  var replica: ReplicaID { .home(of: rawValue) }
}

/// A space's log in memory: what acceptance has let in, and what that comes to.
struct TestSpace: Hashable {
  private(set) var state: SpaceState
  private(set) var records = MemoryRecords()
  /// The last sequence of each person's journal.
  private var sequences: [ReplicaID: UInt64] = [:]

  init(_ number: Int = 1) {
    state = SpaceState(id: .numbered(number), server: Person.server.device)
  }

  var acceptance: Acceptance<MemoryRecords> {
    Acceptance(state: state, records: records, schema: TestSchema.schema)
  }

  func judge(_ fact: LogFact) throws -> Verdict { try acceptance.judge(fact) }

  /// Judges the fact, and takes it in where it is accepted.
  @discardableResult
  mutating func append(_ fact: LogFact) throws -> Verdict {
    let verdict = try judge(fact)
    if verdict == .accepted { apply(fact) }
    return verdict
  }

  private mutating func apply(_ fact: LogFact) {
    state.apply(fact)
    guard case .commit(let commit, let origin) = fact else { return }
    sequences[origin.replica] = max(sequences[origin.replica] ?? 0, origin.sequence)
    let authorship = Authorship(
      origin: commit.header.origin ?? origin, time: commit.header.time)
    records.apply(
      commit,
      of: CommitStamp(
        position: state.position, authorship: authorship, seen: commit.header.context.position),
      account: state.devices[origin.replica.device]?.account)
  }

  /// The person's next commit.
  ///
  /// - Parameters:
  ///   - seen: the author's context; the log's head when `nil`.
  ///   - ahead: how far the author's clock is ahead of log time, in milliseconds.
  func commit(
    by person: Person, seen: Position? = nil, incarnation: UInt64 = 0, ahead: UInt64 = 0,
    reissued: Origin? = nil, _ changes: RecordChange...
  ) -> LogFact {
    let header = CommitHeader(
      time: HybridTime(milliseconds: state.timeMilliseconds + ahead, counter: 0),
      context: Context(incarnation: incarnation, position: seen ?? state.position),
      origin: reissued)
    return .commit(Commit(header: header, changes: changes), nextOrigin(of: person))
  }

  func nextOrigin(of person: Person) -> Origin {
    Origin(replica: person.replica, sequence: (sequences[person.replica] ?? 0) + 1)
  }
}

extension RecordChange {
  static func create(_ type: RecordType, _ number: Int, _ writes: FieldWrite...) -> RecordChange {
    RecordChange(
      type: type.name, record: .numbered(number), operation: .create, writes: writes)
  }

  static func update(_ type: RecordType, _ number: Int, _ writes: FieldWrite...) -> RecordChange {
    RecordChange(
      type: type.name, record: .numbered(number), operation: .update, writes: writes)
  }

  static func delete(_ type: RecordType, _ number: Int) -> RecordChange {
    RecordChange(type: type.name, record: .numbered(number), operation: .delete)
  }
}

extension FieldWrite {
  static func open(
    _ key: String, _ value: CBORValue, shown: [Origin] = []
  ) -> FieldWrite {
    FieldWrite(key: key, value: value, shown: shown)
  }

  /// Bytes of a sealed value's layout, under the epoch.
  static func sealed(_ key: String, under epoch: EpochID) -> FieldWrite {
    var bytes: [UInt8] = [1] + epoch.bytes.prefix(8)
    bytes += [UInt8](repeating: 7, count: SealedLayout.overheadByteCount)
    return FieldWrite(key: key, value: .bytes(bytes), sealed: true)
  }
}
