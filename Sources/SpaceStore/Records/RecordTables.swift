import CBOR
import Database
import Merge

/// Who wrote what stands at a position; asked only where it decides something.
protocol AuthorshipSource: AnyObject {
  func authorship(space: Int64, at position: Position) throws -> Authorship
}

/// The rows of all record types, with their registers: winners in the columns, the other siblings,
/// set elements and deletions in side tables, deleted records aside.
///
/// On a device a row under an unsent commit keeps its accepted image beside it (design §4, Overlay). A
/// record that an unsent commit has created has none, and says so by the position of its creation.
public final class RecordTables {
  let database: any SQLDatabase
  var layouts: [String: TableLayout] {
    didSet { forgetMemories() }
  }
  weak var authorships: (any AuthorshipSource)?
  /// Told what accepted changes overwrite: on a server.
  weak var overwritten: OverwrittenWrites?
  /// Rows that have an accepted image; always empty on a server.
  private var imaged: Set<RowKey>?
  var memories: [MemoryKey: TableMemory] = [:]
  var lastMemory: (space: Int64, memory: TableMemory)?

  struct MemoryKey: Hashable {
    let space: Int64
    let type: String
  }

  init(database: any SQLDatabase, layouts: [String: TableLayout]) {
    self.database = database
    self.layouts = layouts
  }

  static let createStatements =
    [
      """
      CREATE TABLE _sibling (
        space INTEGER NOT NULL, type TEXT NOT NULL, record BLOB NOT NULL, key TEXT NOT NULL,
        position INTEGER NOT NULL, origin BLOB NOT NULL, time INTEGER NOT NULL,
        value BLOB NOT NULL, PRIMARY KEY (space, type, record, key, position)
      ) STRICT, WITHOUT ROWID
      """,
      """
      CREATE TABLE _deletion (
        space INTEGER NOT NULL, type TEXT NOT NULL, record BLOB NOT NULL,
        position INTEGER NOT NULL, origin BLOB NOT NULL, time INTEGER NOT NULL,
        seen INTEGER NOT NULL, PRIMARY KEY (space, type, record, position)
      ) STRICT, WITHOUT ROWID
      """,
      """
      CREATE TABLE _hidden (
        space INTEGER NOT NULL, type TEXT NOT NULL, record BLOB NOT NULL, state BLOB NOT NULL,
        PRIMARY KEY (space, type, record)
      ) STRICT, WITHOUT ROWID
      """,
      """
      CREATE TABLE _accepted (
        space INTEGER NOT NULL, type TEXT NOT NULL, record BLOB NOT NULL, state BLOB NOT NULL,
        PRIMARY KEY (space, type, record)
      ) STRICT, WITHOUT ROWID
      """,
      """
      CREATE TABLE _decision (
        space INTEGER NOT NULL, type TEXT NOT NULL, record BLOB NOT NULL, key TEXT NOT NULL,
        origin BLOB NOT NULL, value BLOB NOT NULL, PRIMARY KEY (space, type, record, key, origin)
      ) STRICT, WITHOUT ROWID
      """,
    ]

  /// Forgets what is kept in memory; after a rolled-back transaction.
  func forget() {
    imaged = nil
    forgetMemories()
  }

  private func forgetMemories() {
    memories = [:]
    lastMemory = nil
  }

  func layout(_ type: String) throws(StateError) -> TableLayout {
    guard let layout = layouts[type] else { throw StateError.damaged }
    return layout
  }

  // MARK: Accepted state

  /// The accepted state, without a replica's own unsent commits.
  package func acceptedState(_ key: RowKey) throws -> RecordState {
    if let image = try image(key) { return image }
    let row = try load(key, seen: nil, isAccepted: true)
    return row.unsentCreation == nil ? row.state : RecordState()
  }

  /// Applies one change of an accepted commit.
  ///
  /// - Parameter isStub: whether the values are gone: the change overwrites, and adds nothing.
  /// - Returns: whether the row lies under unsent commits, and has to be rebuilt.
  func applyAccepted(
    _ change: RecordChange, _ stamp: CommitStamp, isStub: Bool = false, space: Int64
  ) throws -> Bool {
    let key = RowKey(space: space, type: change.type, record: change.record)
    if !isStub { try keepDecisions(change, stamp, key) }
    if try !isStub && insertNew(change, stamp, key) { return false }
    let type = try layout(change.type).type
    if var state = try image(key) {
      Self.apply(change, stamp, isStub: isStub, to: &state, type)
      try storeImage(state, key)
      return true
    }
    if try !isStub && updateInPlace(change, stamp, key, isOwn: false) { return false }
    var row = try load(key, seen: seen(by: change, stamp), isAccepted: true)
    if row.unsentCreation != nil {
      if try !isStub && settleNew(change, stamp, key, made: row) { return false }
      var state = RecordState()
      Self.apply(change, stamp, isStub: isStub, to: &state, type)
      if state.created != nil { try storeImage(state, key) }
      return true
    }
    try overwritten?.note(change, stamp, before: row.state, type: type, space: space)
    Self.apply(change, stamp, isStub: isStub, to: &row.state, type)
    try store(row, key)
    return false
  }

  /// An accepted delete that nothing can undo leaves a marker; the values go at once. They are the
  /// same then whether or not the log still has them.
  private static func apply(
    _ change: RecordChange, _ stamp: CommitStamp, isStub: Bool, to state: inout RecordState,
    _ type: RecordType
  ) {
    if isStub { state.applyStub(change, of: stamp) } else { state.apply(change, of: stamp) }
    if change.operation == .delete, type.concurrentDelete == .deleteWins { state.registers = [:] }
  }

  /// Stores a record anew: its type has grown since.
  ///
  /// - Returns: whether the row lies under unsent commits, and has to be rebuilt.
  func refresh(_ key: RowKey) throws -> Bool {
    if try image(key) != nil { return true }
    try store(load(key, seen: nil), key)
    return false
  }

  /// Fields with a workflow or a consent decision keep their whole history.
  private func keepDecisions(_ change: RecordChange, _ stamp: CommitStamp, _ key: RowKey) throws {
    let type = try layout(change.type).type
    guard type.hasGuardedFields else { return }
    for write in change.writes where type.field(write.field)?.isGuarded == true {
      try database.run(
        "INSERT OR REPLACE INTO _decision VALUES (?, ?, ?, ?, ?, ?)",
        .integer(key.space), .text(key.type), .blob(key.record.bytes), .text(write.key),
        .blob(stamp.authorship.origin.packed), .blob(write.value.encoded))
    }
  }

  func decision(_ key: RowKey, field: String, origin: Origin) throws -> CBORValue? {
    try database.first(
      "SELECT value FROM _decision WHERE space = ? AND type = ? AND record = ? AND key = ? "
        + "AND origin = ?",
      .integer(key.space), .text(key.type), .blob(key.record.bytes), .text(field),
      .blob(origin.packed)
    ) { try CBORValue(decoding: $0.blob(0)) }
  }

  func holdsAny(space: Int64, type: RecordType, acceptedOnly: Bool) throws -> Bool {
    let limit = acceptedOnly ? Int64(Position.countMax) : Int64.max
    let shown = try database.first(
      "SELECT 1 FROM \"\(type.name)\" WHERE space = ? AND _created < ? LIMIT 1",
      .integer(space), .integer(limit)
    ) { _ in true }
    let hidden = try database.first(
      "SELECT 1 FROM _hidden WHERE space = ? AND type = ? LIMIT 1",
      .integer(space), .text(type.name)
    ) { _ in true }
    return shown ?? hidden ?? false
  }

  // MARK: Overlay

  /// Applies one change of an own unsent commit to the shown row; its accepted image stays aside.
  ///
  /// - Returns: whether the row names the commit by itself: it has created the record.
  @discardableResult
  public func applyOverlay(
    _ change: RecordChange, _ stamp: CommitStamp, space: Int64
  ) throws -> Bool {
    let key = RowKey(space: space, type: change.type, record: change.record)
    if try insertNew(change, stamp, key) { return true }
    if try updateInPlace(change, stamp, key, isOwn: true) { return false }
    var row = try load(key, seen: seen(by: change, stamp))
    let createsAlone = row.state.created == nil && change.operation == .create
    if row.unsentCreation == nil, !createsAlone, try !isImaged(key) {
      try storeImage(load(key, seen: nil).state, key)
    }
    row.state.apply(change, of: stamp)
    try store(row, key)
    return change.operation == .create && row.state.created == stamp.position
  }

  /// Up to where the authors of lone siblings do not matter. A delete may hide the record, and what
  /// is kept of a hidden one has to say who wrote what: a concurrent edit may bring it back.
  private func seen(by change: RecordChange, _ stamp: CommitStamp) -> Seen? {
    change.operation == .delete ? nil : stamp.seen
  }

  /// Shows the accepted image again, with the changes of the commits that are still unsent.
  public func rebuild(_ key: RowKey, pending: [(change: RecordChange, stamp: CommitStamp)]) throws {
    let image = try image(key)
    var row = try shape(key)
    if image == nil, row.unsentCreation == nil, pending.isEmpty { return }
    let accepted =
      try image ?? (row.unsentCreation == nil ? load(key, seen: nil).state : RecordState())
    row.state = accepted
    for (change, stamp) in pending { row.state.apply(change, of: stamp) }
    try store(row, key)
    let needsNone =
      pending.isEmpty
      || (accepted == RecordState() && row.state.created?.pendingSequence != nil)
    if needsNone, image != nil { try dropImage(key) }
    if !needsNone, image == nil { try storeImage(accepted, key) }
  }

  /// The own unsent commit that has created a record which nobody else has; `nil` for others.
  public func unsentCreation(_ key: RowKey) throws -> UInt64? { try shape(key).unsentCreation }

  func isImaged(_ key: RowKey) throws -> Bool {
    let imaged = try imagedRows()
    return !imaged.isEmpty && imaged.contains(key)
  }

  func image(_ key: RowKey) throws -> RecordState? {
    guard try isImaged(key) else { return nil }
    return try database.first(
      "SELECT state FROM _accepted WHERE space = ? AND type = ? AND record = ?",
      .integer(key.space), .text(key.type), .blob(key.record.bytes)
    ) { try RecordState(stored: $0.blob(0)) }
  }

  private func imagedRows() throws -> Set<RowKey> {
    if let imaged { return imaged }
    let rows = try database.rows("SELECT space, type, record FROM _accepted") { row in
      guard let record = RecordID(row.blob(2)) else { throw StateError.damaged }
      return RowKey(space: row.integer(0), type: row.text(1), record: record)
    }
    imaged = Set(rows)
    return Set(rows)
  }

  private func storeImage(_ state: RecordState, _ key: RowKey) throws {
    _ = try imagedRows()
    try database.run(
      "INSERT OR REPLACE INTO _accepted VALUES (?, ?, ?, ?)",
      .integer(key.space), .text(key.type), .blob(key.record.bytes), .blob(state.stored))
    imaged?.insert(key)
  }

  private func dropImage(_ key: RowKey) throws {
    try database.run(
      "DELETE FROM _accepted WHERE space = ? AND type = ? AND record = ?",
      .integer(key.space), .text(key.type), .blob(key.record.bytes))
    imaged?.remove(key)
  }

  // MARK: Leaving

  /// Drops every row of a space: the rows' part of a purge.
  func purge(space: Int64) throws {
    for name in layouts.keys.sorted() {
      try database.run("DELETE FROM \"\(name)\" WHERE space = ?", .integer(space))
    }
    for table in ["_sibling", "_deletion", "_hidden", "_accepted", "_decision", "_unapplied"] {
      try database.run("DELETE FROM \(table) WHERE space = ?", .integer(space))
    }
    forget()
  }
}
