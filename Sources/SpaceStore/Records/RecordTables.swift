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
/// On a device a row under an unsent commit keeps its accepted image beside it (design §4, Overlay).
public final class RecordTables {
  let database: any SQLDatabase
  var layouts: [String: TableLayout]
  weak var authorships: (any AuthorshipSource)?
  /// Told what accepted changes overwrite: on a server.
  weak var overwritten: OverwrittenWrites?
  /// Rows that have an accepted image; always empty on a server.
  private var imaged: Set<RowKey>?

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
  func forget() { imaged = nil }

  func layout(_ type: String) throws(StateError) -> TableLayout {
    guard let layout = layouts[type] else { throw StateError.damaged }
    return layout
  }

  // MARK: Accepted state

  /// The accepted state, without a replica's own unsent commits.
  package func acceptedState(_ key: RowKey) throws -> RecordState {
    try image(key) ?? load(key, seen: nil).state
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
    let type = try layout(change.type).type
    if var state = try image(key) {
      Self.apply(change, stamp, isStub: isStub, to: &state, type)
      try storeImage(state, key)
      return true
    }
    var row = try load(key, seen: seen(by: change, stamp))
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
  public func applyOverlay(_ change: RecordChange, _ stamp: CommitStamp, space: Int64) throws {
    let key = RowKey(space: space, type: change.type, record: change.record)
    if try image(key) == nil { try storeImage(load(key, seen: nil).state, key) }
    var row = try load(key, seen: seen(by: change, stamp))
    row.state.apply(change, of: stamp)
    try store(row, key)
  }

  /// Up to where the authors of lone siblings do not matter. A delete may hide the record, and what
  /// is kept of a hidden one has to say who wrote what: a concurrent edit may bring it back.
  private func seen(by change: RecordChange, _ stamp: CommitStamp) -> Seen? {
    change.operation == .delete ? nil : stamp.seen
  }

  /// Shows the accepted image again, with the changes of the commits that are still unsent.
  public func rebuild(_ key: RowKey, pending: [(change: RecordChange, stamp: CommitStamp)]) throws {
    guard let accepted = try image(key) else { return }
    var row = try shape(key)
    row.state = accepted
    for (change, stamp) in pending { row.state.apply(change, of: stamp) }
    try store(row, key)
    if pending.isEmpty { try dropImage(key) }
  }

  private func image(_ key: RowKey) throws -> RecordState? {
    guard try imagedRows().contains(key) else { return nil }
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
    imaged = nil
  }
}
