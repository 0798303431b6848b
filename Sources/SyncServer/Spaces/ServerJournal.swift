import CBOR
import Database
import Merge
import Signing
import SpaceStore
import SyncProtocol

/// The server's own commits in a space: numbers that only it can give.
struct ServerJournal {
  let writer: LogWriter
  let space: SpaceID

  private var core: ServerCore { writer.core }

  /// Gives each record that the commit creates its numbers, right after it.
  func number(_ commit: Commit) throws {
    for change in commit.changes where change.operation == .create {
      guard let type = core.store.schema.type(change.type) else { continue }
      let fields = type.fields.filter(Self.isNumber)
      if fields.isEmpty { continue }
      let writes = try fields.map { field in
        FieldWrite(key: field.name, value: .unsigned(try next("\(type.name).\(field.name)")))
      }
      try write(
        RecordChange(type: type.name, record: change.record, operation: .update, writes: writes))
    }
  }

  private static func isNumber(_ field: Field) -> Bool {
    field.kind == .integer && field.rule == .once && field.writers == [.server]
  }

  /// Numbers are never given twice, also when their record is deleted.
  private func next(_ field: String) throws -> UInt64 {
    // A counter that the backup did not have yet may have been begun since.
    let wasRestored = try core.store.state(space).past.contains {
      $0.base > .zero || !$0.runs.isEmpty
    }
    try core.database.run(
      "INSERT INTO counter VALUES (?, ?, ?) ON CONFLICT (space, field) DO UPDATE "
        + "SET last = counter.last + 1",
      .blob(space.bytes), .text(field),
      .integer(wasRestored ? ServerCore.numberMargin + 1 : 1))
    let last = try core.database.first(
      "SELECT last FROM counter WHERE space = ? AND field = ?", .blob(space.bytes), .text(field)
    ) { $0.integer(0) }
    return UInt64(clamping: last ?? 1)
  }

  private func write(_ change: RecordChange) throws {
    let state = try core.store.state(space)
    let head = try core.store.head(space)
    // A journal that was lost may have gone on: each incarnation has its own.
    let replica = ReplicaID(device: core.keys.certificate.device, home: state.incarnation)
    let commit = Commit(
      header: CommitHeader(
        time: HybridTime(milliseconds: state.timeMilliseconds, counter: 0),
        context: Context(incarnation: state.incarnation, position: state.position)),
      changes: [change])
    let encoded = EncodedCommit(commit)
    let point = try core.store.journalPoint(space, replica)
      .next(space, replica, content: encoded.contentHash)
    let origin = Origin(replica: replica, sequence: point.sequence)
    let fact = LogFact.commit(commit, origin)
    guard try core.store.judge(fact, in: space) == .accepted else { throw StateError.damaged }
    try writer.append(.commit(origin, encoded), fact, point: point, in: space)
    let seen = SeenHeads(
      account: ChainPoint(index: 0, hash: .zero), incarnation: head.incarnation,
      position: head.position, head: head.hash, schema: core.schemaHash)
    let signature = JournalSignature(
      space: space, replica: replica, point: point, seen: seen, key: core.keys.log)
    try core.store.log.keep(
      signature, space: core.store.number(of: space), replica: replica)
  }
}
