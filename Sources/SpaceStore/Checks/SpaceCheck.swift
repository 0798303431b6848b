import Database
import Merge
import Signing
import SyncProtocol

/// Reads a space's log again from its first entry, in a database of its own, as somebody would who
/// pulled it today: every hash, signature and verdict. Then compares what came of it with what is
/// stored.
///
/// Writes nothing.
public struct SpaceCheck<Ground: CheckGround> {
  let store: SpaceStore
  let ground: Ground
  /// Where logs are read again.
  let replay: SpaceStore

  public init(of store: SpaceStore, ground: Ground) throws {
    self.store = store
    self.ground = ground
    var options = SQLiteDatabase.Options()
    options.isDeletionSecure = false
    let database = try SQLiteDatabase.inMemory(options: options)
    for statement in SpaceStore.allStatements {
      try database.execute(statement)
    }
    try SchemaTables.copyLayouts(from: store.database, to: database)
    try OrganisationTypes.copy(from: store.database, to: database)
    replay = try SpaceStore(
      database: database, schema: store.schema, server: store.server, keepsHeads: false)
  }

  public func run(_ space: SpaceID, into report: inout CheckReport) throws {
    do {
      var log = LogCheck(
        space: space, number: try store.storedNumber(space), store: store, ground: ground)
      let isRead = try replay.transaction { try log.run(replay, &report) }
      guard isRead else { return }
      try compareStates(space, &report)
      guard try ground.applyUnsent(of: space, to: replay) else { return }
      try RowComparison(store: store, replay: replay, space: space).run(&report)
    } catch let error as SQLError {
      guard error.category == .corrupt else { throw error }
      report.add(.database, "a page of the database cannot be read", in: space, .refetch)
    } catch {
      report.add(.logEntries, "the log cannot be read again (\(error))", in: space, .refetch)
    }
  }

  private func compareStates(_ space: SpaceID, _ report: inout CheckReport) throws {
    report.count(.states)
    let stored = try store.database.first(
      "SELECT kind, head, state FROM space WHERE id = ?", .blob(space.bytes)
    ) { (kind: $0.optionalText(0), head: $0.blob(1), state: $0.blob(2)) }
    let state = try replay.state(space)
    guard let stored, stored.state == state.stored, stored.kind == state.kind?.rawValue else {
      report.add(.states, "the state is not the log's", in: space, .rebuild)
      return
    }
    guard stored.head == (try replay.head(space).hash.bytes) else {
      // A server keeps each entry's head beside it, so that the log's own word stands against this one.
      let isDerived = store.keepsHeads
      report.add(
        .logEntries, "the log does not hash to the head that is stored", in: space,
        isDerived ? .rebuild : .refetch)
      return
    }
  }
}
