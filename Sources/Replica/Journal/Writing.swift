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
        privateCopy: try sealPrivately(draft))
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
    return try draft.changes.map { change in
      guard let type = store.schema.type(change.type) else {
        throw ReplicaError.badInput("there is no record type \(change.type)")
      }
      try Self.refuseRemoved(change, type)
      let writes = try change.writes.map { write in
        let plain = FieldWrite(key: write.key, value: write.value, shown: write.shown)
        guard let field = type.field(plain.field), field.sealed else { return plain }
        if let problem = field.checkUnsealed(write.value) {
          throw ReplicaError.refused(
            Refusal(.valueInvalid, [type.name, field.name, "\(problem)"]))
        }
        // Clearing a field needs no key.
        if write.value == .null { return FieldWrite(key: write.key, value: .null, sealed: true) }
        if sealer == nil { sealer = try self.sealer(for: space) }
        let value = try sealer?.seal(
          write.value, type: type.name, record: change.record, key: write.key)
        return FieldWrite(key: write.key, value: value ?? .null, sealed: true)
      }
      return RecordChange(
        type: change.type, record: change.record, operation: change.operation, writes: writes)
    }
  }

  /// What the schema no longer offers stays readable; only older programs still write it.
  private static func refuseRemoved(_ change: Draft.Change, _ type: RecordType) throws {
    if change.operation == .create, type.removed {
      throw ReplicaError.badInput("no new records of type \(type.name) are made")
    }
    for write in change.writes where type.field(FieldWrite.field(of: write.key))?.removed == true {
      throw ReplicaError.badInput("\(type.name).\(write.key) is no longer written")
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
    let stamp = try pendingStamp(commit.header, sequence: next.sequence, space: number)
    for change in commit.changes {
      try database.run(
        "INSERT OR IGNORE INTO outbox_row VALUES (?, ?, ?, ?)", .integer(number),
        .text(change.type), .blob(change.record.bytes), .integer(Int64(next.sequence)))
      try store.tables.applyOverlay(change, stamp, space: number)
    }
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

  /// The plaintext under a device key that no purge touches: a refused write stays readable to its
  /// author even when the space's keys are gone (design §6, Leaving).
  private func sealPrivately(_ draft: Draft) throws -> [UInt8] {
    let keys = try unlockedKeys()
    return try SealedField.seal(
      draft.encoded, key: try keys.local(),
      epochHint: [UInt8](repeating: 0, count: SealedField.epochHintByteCount),
      associatedData: Self.privateCopyContext, random: environment.random)
  }

  /// What was written, for its author.
  func openPrivateCopy(_ bytes: [UInt8]) throws -> Draft {
    let plain = try SealedField.open(
      bytes, key: try unlockedKeys().local(), associatedData: Self.privateCopyContext)
    return try Draft(decoding: plain)
  }
}
