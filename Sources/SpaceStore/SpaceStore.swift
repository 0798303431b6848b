import CBOR
import Database
import Merge
import Signing
import SyncProtocol

/// The spaces of one database: their logs, what acceptance knows of each, and their rows.
///
/// Shared by device and server, so that both come to the same from the same log. Not thread-safe;
/// owned by whoever owns the database connection. All writing happens inside ``transaction(_:)``.
public final class SpaceStore {
  /// What is stored of a space.
  struct Entry {
    let number: Int64
    var state: SpaceState
    var head: LogHead
  }

  public let database: any SQLDatabase
  /// Grows while it is open: logs name types of organisations (``adopt(_:)``).
  public internal(set) var schema: Schema {
    didSet {
      stubKeys.schema = schema
      overwritten.schema = schema
    }
  }
  public let log: LogTable
  public let tables: RecordTables
  /// What stubs in the logs still leave open.
  public let stubKeys: StubKeys
  let overwritten: OverwrittenWrites
  let unapplied: UnappliedWrites
  /// The device id that the server signs as.
  let server: DeviceID
  /// Whether rolling hashes are kept with each entry: a server signs any of them later, a device
  /// compares them with what others have seen.
  let keepsHeads: Bool
  var spaces: [SpaceID: Entry] = [:]
  var writtenFields = WrittenFields()
  /// Spaces whose state is written with the end of the transaction, once for all of its entries.
  var unsaved: Set<SpaceID> = []
  var transactionDepth = 0

  /// Spaces kept in memory; what is dropped is read again.
  private static let cachedCountMax = 8192

  /// Brings the tables of the record types up to the schema, and to what organisations have declared.
  ///
  /// - Parameters:
  ///   - server: the device id of the server that the logs come from.
  ///   - compacts: whether it is kept in mind which commits were overwritten: on a server.
  /// - Throws: ``SchemaTables/NewerDatabase``, `SQLError`.
  public init(
    database: any SQLDatabase, schema: Schema, server: DeviceID, keepsHeads: Bool,
    compacts: Bool = false
  ) throws {
    let schema = try schema.with(OrganisationTypes(database: database).all())
    self.database = database
    self.schema = schema
    self.server = server
    self.keepsHeads = keepsHeads
    log = LogTable(database: database)
    unapplied = UnappliedWrites(database: database)
    let layouts = try database.transaction {
      try SchemaTables(database: database, schema: schema).follow()
    }
    tables = RecordTables(database: database, layouts: layouts)
    tables.authorships = log
    stubKeys = StubKeys(database: database, schema: schema)
    overwritten = OverwrittenWrites(database: database, schema: schema, log: log)
    if compacts { tables.overwritten = overwritten }
  }

  /// What a restored server asks of the tables: a deleter may have seen more than a prefix.
  public static let recoveryStatements = ["ALTER TABLE _deletion ADD COLUMN further BLOB"]

  /// The statements that make the tables, but for those of the record types: first those that were
  /// shipped first, then ``layoutStatements``.
  public static let createStatements =
    [
      """
      CREATE TABLE space (
        number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, kind TEXT,
        head BLOB NOT NULL, state BLOB NOT NULL
      ) STRICT
      """
    ] + LogTable.createStatements + RecordTables.createStatements

  /// What came later: the tables by which the record types follow the schema.
  public static let layoutStatements =
    SchemaTables.createStatements + UnappliedWrites.createStatements

  /// The statements that make all tables of today.
  public static let allStatements =
    createStatements + layoutStatements + compactionStatements + recoveryStatements
    + organisationStatements

  // MARK: Spaces

  /// The space's number in this database; made on first sight.
  public func number(of space: SpaceID) throws -> Int64 { try entry(space).number }

  /// All spaces of which anything is known, in the order they were met.
  public func spaceIDs() throws -> [SpaceID] {
    try database.rows("SELECT id FROM space ORDER BY number") { row in
      guard let id = SpaceID(row.blob(0)) else { throw StateError.damaged }
      return id
    }
  }

  public func id(ofNumber number: Int64) throws -> SpaceID? {
    try database.first(
      "SELECT id FROM space WHERE number = ?", .integer(number)
    ) { SpaceID($0.blob(0)) } ?? nil
  }

  public func knows(_ space: SpaceID) throws -> Bool {
    if spaces[space] != nil { return true }
    return try database.first(
      "SELECT 1 FROM space WHERE id = ?", .blob(space.bytes)
    ) { _ in true } ?? false
  }

  public func state(_ space: SpaceID) throws -> SpaceState { try entry(space).state }

  public func head(_ space: SpaceID) throws -> LogHead { try entry(space).head }

  public func journalPoint(_ space: SpaceID, _ replica: ReplicaID) throws -> JournalPoint {
    try log.journalPoint(space: number(of: space), replica: replica)
  }

  /// The rolling hash that stands where an author had seen another one; `nil` where both are the same,
  /// or cannot be compared: the place lies ahead, or in an incarnation that was lost there.
  public func contradiction(of seen: SeenHeads, in space: SpaceID) throws -> Digest? {
    let entry = try entry(space)
    guard seen.position <= entry.state.position,
      seen.incarnation == entry.state.incarnation(at: seen.position),
      let own = try log.headHash(space: entry.number, at: seen.position), own != seen.head
    else { return nil }
    return own
  }

  func entry(_ space: SpaceID) throws -> Entry {
    if let entry = spaces[space] { return entry }
    let found = try database.first(
      "SELECT number, head, state FROM space WHERE id = ?", .blob(space.bytes)
    ) { row in
      let state = try SpaceState(id: space, server: server, stored: row.blob(2))
      guard let hash = Digest(row.blob(1)) else { throw StateError.damaged }
      let head = LogHead(
        space: space, incarnation: state.incarnation, position: state.position, hash: hash)
      return Entry(number: row.integer(0), state: state, head: head)
    }
    if let found {
      if spaces.count >= Self.cachedCountMax {
        try saveAll()
        spaces = [:]
      }
      spaces[space] = found
      return found
    }
    return try create(space)
  }

  private func create(_ space: SpaceID) throws -> Entry {
    let state = SpaceState(id: space, server: server)
    try database.run(
      "INSERT INTO space (id, kind, head, state) VALUES (?, NULL, ?, ?)",
      .blob(space.bytes), .blob(Digest.zero.bytes), .blob(state.stored))
    let number = try database.first(
      "SELECT number FROM space WHERE id = ?", .blob(space.bytes)
    ) { $0.integer(0) }
    guard let number else { throw StateError.damaged }
    let entry = Entry(number: number, state: state, head: .start(of: space))
    spaces[space] = entry
    return entry
  }

  /// Computes the rolling hashes that an earlier build did not keep with its entries.
  public func fillHeads() throws {
    let spaces = try database.rows(
      "SELECT DISTINCT space.id FROM log JOIN space ON space.number = log.space "
        + "WHERE log.head IS NULL"
    ) { SpaceID($0.blob(0)) }.compactMap(\.self)
    for space in spaces.sorted() {
      let entry = try entry(space)
      let last = try eachHead(of: space, upTo: entry.state.position) {
        try log.setHead($0, space: entry.number)
      }
      guard last == entry.head else { throw StateError.damaged }
    }
  }

  // MARK: Judging and appending

  /// The verdict on what would stand next in the log.
  public func judge(_ fact: LogFact, in space: SpaceID) throws -> Verdict {
    try judge(fact, in: space, state: state(space), ground: .accepted)
  }

  /// The verdict to expect on a commit that rests on what a person sees now: a clear error before
  /// anything is written.
  ///
  /// - Parameters:
  ///   - author: the writing device and its account. A new device's certificate reaches a space's log
  ///     with the first push after it, so that it may not stand there yet.
  ///   - nowMilliseconds: the writer's clock; log time may be hours behind on a device that works
  ///     offline.
  public func expect(
    _ fact: LogFact, in space: SpaceID, by author: (device: DeviceID, account: AccountID),
    nowMilliseconds: UInt64
  ) throws -> Verdict {
    var state = try state(space).at(nowMilliseconds: nowMilliseconds)
    if state.devices[author.device] == nil {
      state.apply(.deviceCertified(author.device, author.account))
    }
    if case .commit(let commit, _) = fact,
      try !knowsGround(of: commit, space: number(of: space))
    {
      return .deferred(.schemaOlder)
    }
    return try judge(fact, in: space, state: state, ground: .shown)
  }

  private func judge(
    _ fact: LogFact, in space: SpaceID, state: SpaceState, ground: RecordsView.Ground
  ) throws -> Verdict {
    try acceptance(in: space, state: state, ground: ground).judge(fact)
  }

  /// The acceptance function on the log as it is.
  func acceptance(in space: SpaceID) throws -> Acceptance<RecordsView> {
    try acceptance(in: space, state: state(space), ground: .accepted)
  }

  private func acceptance(
    in space: SpaceID, state: SpaceState, ground: RecordsView.Ground
  ) throws -> Acceptance<RecordsView> {
    let view = RecordsView(
      tables: tables, log: log, state: state, space: try number(of: space), ground: ground)
    return Acceptance(state: state, records: view, schema: schema)
  }

  /// What appending an entry came to.
  public struct Appended {
    public let position: Position
    /// Rows that lie under unsent commits, and have to be rebuilt.
    public let covered: [RowKey]
  }

  /// Appends an accepted entry, or a refusal, and takes it into the state and the rows.
  ///
  /// - Parameter point: the journal's point with this commit or refusal; `nil` for other entries.
  @discardableResult
  public func append(
    _ logEntry: LogEntry, _ fact: LogFact, point: JournalPoint?, in space: SpaceID
  ) throws -> Appended {
    try take(logEntry, fact, point: point, in: space, isLogged: false)
  }

  /// - Parameter isLogged: whether the entry stands in the log already, so that only what is derived
  ///   from it is written.
  func take(
    _ logEntry: LogEntry, _ fact: LogFact, point: JournalPoint?, in space: SpaceID, isLogged: Bool
  ) throws -> Appended {
    var entry = try entry(space)
    entry.state.apply(fact)
    if case .typePinned(let pinned) = fact.content { try adopt(pinned) }
    entry.head = entry.head.next(logEntry, at: point)
    let position = entry.state.position
    let header = try Self.header(of: logEntry)
    try log.append(
      logEntry, space: entry.number, position: position, point: point, header: header,
      head: keepsHeads ? entry.head.hash : nil, isLogged: isLogged)
    try save(entry, space)
    guard let (commit, journal) = fact.content.commit else {
      return Appended(position: position, covered: [])
    }
    let stamp = Self.stamp(commit.header, journal, at: position, entry.state)
    try stubKeys.cover(commit, stamp, space: entry.number)
    let isStub = if case .stub = fact.content { true } else { false }
    if isStub { try stubKeys.note(commit, stamp, space: entry.number) }
    let covered = try apply(commit, stamp, isStub: isStub, space: entry.number)
    return Appended(position: position, covered: covered)
  }

  /// A commit can have been refused because it cannot be read, its header included.
  static func header(of entry: LogEntry) throws -> CommitHeader? {
    switch entry.content {
    case .commit(_, let commit): return try commit.decodedHeader()
    case .stub(_, let stub): return try stub.decodedHeader()
    case .refusal(_, let commit, _):
      do throws(WireError) { return try commit.decodedHeader() } catch { return nil }
    default: return nil
    }
  }

  private func apply(
    _ commit: Commit, _ stamp: CommitStamp, isStub: Bool, space: Int64
  ) throws -> [RowKey] {
    var covered: [RowKey] = []
    for change in commit.changes {
      if try apply(change, stamp, isStub: isStub, space: space) {
        covered.append(RowKey(space: space, type: change.type, record: change.record))
      }
    }
    return covered
  }

  // MARK: What other spaces rest on

  /// The accepted commit at a position, and those that stood there in incarnations which were lost.
  public func acceptedCommits(
    _ space: SpaceID, at position: Position
  ) throws -> [ConsentCommit] {
    guard try knows(space) else { return [] }
    let state = try state(space)
    let number = try number(of: space)
    return try ([position] + state.positions(ofLost: position)).compactMap { place in
      guard let entry = try log.entry(space: number, at: place)?.content,
        case .commit(let journal, let encoded) = entry,
        let found = try log.find(space: number, journal)
      else { return nil }
      let commit = try encoded.decoded()
      let stamp = Self.stamp(commit.header, journal, at: place, state)
      return ConsentCommit(commit: commit, stamp: stamp, entryHash: entry.hash(at: found.point))
    }
  }

  /// The members of a space, and who was one; `nil` where it is not known or not open. What rests on it
  /// was judged while they were there.
  public func roles(in space: SpaceID) throws -> [AccountID: Role]? {
    guard try knows(space) else { return nil }
    let state = try state(space)
    guard state.kind != nil else { return nil }
    return state.members.mapValues(\.role)
  }

  // MARK: Leaving

  /// Drops a space's rows and log, and keeps its number, head and state: what is needed to know
  /// that it was left, and where.
  public func purge(_ space: SpaceID) throws {
    let number = try number(of: space)
    try tables.purge(space: number)
    try log.purge(space: number)
    try stubKeys.purge(space: number)
    try overwritten.purge(space: number)
  }
}

extension LogFact {
  /// What a commit, or a stub of one, says of itself, and its place in its author's journal.
  fileprivate var commit: (Commit, Origin)? {
    switch self {
    case .commit(let commit, let journal), .stub(let commit, let journal): (commit, journal)
    default: nil
    }
  }
}
