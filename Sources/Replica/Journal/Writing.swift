import CBOR
import Database
import Merge
import Sealing
import Signing
import SpaceStore
import SyncProtocol

extension Replica {
  /// Writes a draft: seals it, chains it into the space's journal, shows it. Durable when this returns;
  /// sent at the next sync.
  ///
  /// Refused here, before anything is written, where the server would refuse it for what is known now.
  ///
  /// - Parameter seen: how far the person had seen the log where that is less than what is here: only
  ///   what stood then is written over.
  /// - Returns: where the commit was first written.
  @discardableResult
  public func write(
    _ draft: Draft, in space: SpaceID, seen: Position? = nil
  ) throws -> Origin {
    if try wasRevoked() { throw ReplicaError.deviceRevoked }
    guard try isPlain(draft.changes.lazy.map(\.type), in: space) else {
      return try writeNow(draft, in: space, seen: seen)
    }
    return try countingAsPlain { try writeNow(draft, in: space, seen: seen) }
  }

  private func writeNow(
    _ draft: Draft, in space: SpaceID, seen: Position?
  ) throws -> Origin {
    try transaction {
      let number = try store.number(of: space)
      let point = try ownJournal(space: number)
      let origin = Origin(
        replica: try journalReplica(space: number), sequence: point.sequence + 1)
      let state = try store.state(space)
      let header = CommitHeader(
        time: try tick(),
        context: Context(
          incarnation: state.incarnation, position: min(seen ?? state.position, state.position)))
      let commit = Commit(header: header, changes: try seal(draft, in: space))
      try expectAccepted(commit, origin, in: space)
      let encoded = EncodedCommit(commit)
      guard encoded.byteCount <= Commit.byteCountMax else {
        throw ReplicaError.refused(Refusal(.tooLarge, ["at most 256 KiB at once"]))
      }
      try enqueue(
        encoded, commit, after: point, space: space, number: number,
        privateCopy: try sealPrivately(draft, of: commit))
      return origin
    }
  }

  /// - Throws: ``ReplicaError/refused(_:)`` where the server would refuse the commit for what is known now.
  func expectAccepted(_ commit: Commit, _ origin: Origin, in space: SpaceID) throws {
    let verdict = try store.expect(
      .commit(commit, origin), in: space, by: (identity.device, identity.account),
      nowMilliseconds: try nowMilliseconds)
    switch verdict {
    case .accepted: return
    // What this schema cannot judge: the server, or another device, could refuse it later.
    case .deferred: throw ReplicaError.schemaOlder
    case .refused(let refusal): throw ReplicaError.refused(refusal)
    }
  }

  /// Seals what the schema says is sealed.
  private func seal(_ draft: Draft, in space: SpaceID) throws -> [RecordChange] {
    var sealer: Sealer?
    var fields = WrittenFields()
    var type: RecordType?
    return try draft.changes.map { change in
      if type?.name != change.type { type = store.schema.type(change.type) }
      guard let type else {
        throw ReplicaError.badInput("there is no record type \(change.type)")
      }
      if change.operation == .create, type.removed {
        throw ReplicaError.badInput("no new records of type \(type.name) are made")
      }
      var writes = change.writes.map {
        FieldWrite(key: $0.key, value: $0.value, shown: $0.shown)
      }
      let plain = RecordChange(
        type: change.type, record: change.record, operation: change.operation, writes: writes)
      var isSealed = false
      for (index, place) in fields.places(of: plain, type).enumerated() {
        guard let field = place.map({ type.fields[$0] }) else { continue }
        try Self.refuseRemoved(field, of: type)
        guard field.sealed else { continue }
        isSealed = true
        writes[index] = try seal(writes[index], field, of: plain, in: space, &sealer)
      }
      guard isSealed else { return plain }
      return RecordChange(
        type: change.type, record: change.record, operation: change.operation, writes: writes)
    }
  }

  private func seal(
    _ write: FieldWrite, _ field: Field, of change: RecordChange, in space: SpaceID,
    _ sealer: inout Sealer?
  ) throws -> FieldWrite {
    if let problem = field.checkUnsealed(write.value) {
      throw ReplicaError.refused(
        Refusal(.valueInvalid, [change.type, field.name, "\(problem)"]))
    }
    // Clearing a field needs no key.
    if write.value == .null { return FieldWrite(key: write.key, value: .null, sealed: true) }
    let own = try sealer ?? self.sealer(for: space)
    sealer = own
    let value = try own.seal(
      write.value, type: change.type, record: change.record, key: write.key)
    return FieldWrite(key: write.key, value: value, sealed: true)
  }

  /// What the schema no longer offers stays readable; only older programs still write it.
  private static func refuseRemoved(_ field: Field, of type: RecordType) throws {
    if field.removed {
      throw ReplicaError.badInput("\(type.name).\(field.name) is no longer written")
    }
  }

  /// Puts a commit into the journal and the overlay.
  func enqueue(
    _ encoded: EncodedCommit, _ commit: Commit, after point: JournalPoint, space: SpaceID,
    number: Int64, privateCopy: [UInt8]
  ) throws {
    let next = point.next(
      space, try journalReplica(space: number), content: encoded.contentHash)
    try database.run(
      "INSERT INTO outbox VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)",
      .integer(number), .integer(Int64(next.sequence)), .blob(encoded.encoded),
      .blob(point.hash.bytes), .blob(next.hash.bytes),
      .integer(Int64(bitPattern: commit.header.time.rawValue)),
      commit.header.origin.map { .blob($0.packed) } ?? .null, .blob(privateCopy))
    try setOwnJournal(space: number, next)
    try show(commit, sequence: next.sequence, space: number)
  }

  /// Puts an unsent commit over the rows, and files it under those that do not name it themselves.
  func show(_ commit: Commit, sequence: UInt64, space: Int64) throws {
    let stamp = try pendingStamp(commit.header, sequence: sequence, space: space)
    for change in commit.changes {
      let namesItself = try store.tables.applyOverlay(change, stamp, space: space)
      if namesItself { continue }
      try file(sequence, under: RowKey(space: space, type: change.type, record: change.record))
    }
  }

  func file(_ sequence: UInt64, under row: RowKey) throws {
    try database.run(
      "INSERT OR IGNORE INTO outbox_row VALUES (?, ?, ?, ?)", .integer(row.space),
      .text(row.type), .blob(row.record.bytes), .integer(Int64(sequence)))
  }

  func isFiled(_ sequence: UInt64, under row: RowKey) throws -> Bool {
    try database.first(
      "SELECT 1 FROM outbox_row WHERE space = ? AND type = ? AND record = ? AND sequence = ?",
      .integer(row.space), .text(row.type), .blob(row.record.bytes), .integer(Int64(sequence))
    ) { _ in true } ?? false
  }

  /// The place of an own unsent commit among the siblings.
  func pendingStamp(
    _ header: CommitHeader, sequence: UInt64, space: Int64
  ) throws -> CommitStamp {
    let origin = try origin(of: header, sequence: sequence, space: space)
    return CommitStamp(
      position: .pending(sequence: sequence),
      authorship: Authorship(origin: origin, time: header.time),
      seen: try seen(header.context, space: space))
  }

  private func seen(_ context: Context, space: Int64) throws -> Seen {
    guard context.incarnation > 0, let id = try store.id(ofNumber: space) else {
      return Seen(upTo: context.position)
    }
    return try store.state(id).seen(context)
  }

  // MARK: The private copy

  private static let privateCopyContext = Array("satchel/1/private-copy".utf8)

  /// The plaintext of what is sealed, under a device key that no purge touches: a refused write stays
  /// readable to its author even when the space's keys are gone (design §6, Leaving). What is open the
  /// commit itself says.
  ///
  /// - Returns: nothing where nothing is sealed.
  private func sealPrivately(_ draft: Draft, of commit: Commit) throws -> [UInt8] {
    let keys = try unlockedKeys()
    let secret = draft.keepingSealed(of: commit)
    if secret.changes.isEmpty { return [] }
    return try SealedField.seal(
      secret.encoded, key: try keys.local(),
      epochHint: [UInt8](repeating: 0, count: SealedField.epochHintByteCount),
      associatedData: Self.privateCopyContext, random: environment.random)
  }

  /// What was written into sealed fields, for its author.
  func openPrivateCopy(_ bytes: [UInt8]) throws -> Draft {
    if bytes.isEmpty { return Draft([]) }
    let plain = try SealedField.open(
      bytes, key: try unlockedKeys().local(), associatedData: Self.privateCopyContext)
    return try Draft(decoding: plain)
  }
}
