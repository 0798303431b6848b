import CBOR
import Merge
import SpaceStore
import SyncProtocol

extension Replica {
  /// Every write of a record that this replica knows: those in the log in its order, refused ones
  /// included, then the unsent ones.
  ///
  /// Reads the space's whole log.
  ///
  /// - Parameter clocks: whether each context is expanded to a version vector.
  public func history(
    of reference: RecordReference, clocks: Bool = false
  ) throws -> [HistoryEntry] {
    let place = try place(reference)
    var scan = HistoryScan(keepsJournals: clocks)
    try scan.read(store.log, place)
    for entry in try outbox(space: place.number) {
      let origin = Origin(
        replica: try journalReplica(space: place.number), sequence: entry.sequence)
      // What came back in the log stands there.
      if try store.log.find(space: place.number, origin) != nil { continue }
      scan.take(try entry.commit(), origin, refusal: nil, at: nil, place)
    }
    let state = try store.tables.shownState(place.row)
    let space = try store.state(place.space)
    let vectors = scan.vectors()
    return try scan.found.enumerated().map { index, found in
      try entry(found, vectors?[index], state, space, place)
    }
  }

  private func entry(
    _ found: HistoryScan.Found, _ clock: VersionVector?, _ state: RecordState,
    _ space: SpaceState, _ place: RecordPlace
  ) throws -> HistoryEntry {
    let header = found.header
    let origin = header.origin ?? found.journal
    let device = found.journal.replica.device
    let writes = try found.change.writes.map { write in
      HistoryEntry.Write(
        key: write.key, value: try value(of: write, found, place, author: device),
        standing: found.refusal == nil
          ? standing(of: write.key, origin, state, place.type) : .refused,
        shown: write.shown)
    }
    return HistoryEntry(
      position: found.position, journal: found.journal, reissueOf: header.origin,
      author: try author(device, in: space), timeMilliseconds: header.time.milliseconds,
      context: header.context, operation: found.change.operation, writes: writes,
      refusal: found.refusal, clock: clock)
  }

  private func value(
    of write: FieldWrite, _ found: HistoryScan.Found, _ place: RecordPlace, author: DeviceID
  ) throws -> OpenedValue {
    if found.isStub { return .notKept }
    // The log keeps of a refused commit what is open, and of what was sealed a hash.
    if found.refusal != nil && write.sealed { return .sealed }
    return try opened(write.value, of: write.key, at: place, author: author)
  }

  private func standing(
    of key: String, _ origin: Origin, _ state: RecordState, _ type: RecordType
  ) -> HistoryEntry.Standing {
    let register = state.registers[key] ?? Register()
    guard let sibling = register.siblings.first(where: { $0.authorship.origin == origin }) else {
      return .overwritten
    }
    let field = type.field(FieldWrite(key: key, value: .null).field)
    return field?.winner(of: register, in: type) == sibling ? .shown : .conflicting
  }
}

/// One pass over a space's log in search of one record.
struct HistoryScan {
  struct Found {
    let position: Position?
    let journal: Origin
    let header: CommitHeader
    let change: RecordChange
    let refusal: Refusal?
    /// Whether the log no longer has the values.
    let isStub: Bool
  }

  private static let pageByteCount = 1 << 20

  private(set) var found: [Found] = []
  private let keepsJournals: Bool
  /// Every commit of the log, to expand contexts with.
  private var journals: [(position: Position, origin: Origin)] = []

  init(keepsJournals: Bool) { self.keepsJournals = keepsJournals }

  mutating func read(_ log: LogTable, _ place: RecordPlace) throws {
    var position = Position.zero
    while true {
      let entries = try log.entries(
        space: place.number, after: position, byteCountMax: Self.pageByteCount)
      if entries.isEmpty { return }
      for entry in entries {
        position = position.next
        guard let origin = entry.journalOrigin else { continue }
        if keepsJournals { journals.append((position, origin)) }
        switch entry.content {
        case .refusal(_, let commit, let refusal):
          guard let readable = Self.readable(commit) else { continue }
          take(readable, origin, refusal: refusal, at: position, place)
        case .commit(_, let commit):
          try take(commit.decoded(), origin, refusal: nil, at: position, place)
        case .stub(_, let stub):
          try take(stub.decoded(), origin, refusal: nil, at: position, place, isStub: true)
        default: continue
        }
      }
    }
  }

  /// A commit can have been refused because it cannot be read.
  private static func readable(_ commit: EncodedCommit) -> Commit? {
    do throws(WireError) { return try commit.decoded() } catch { return nil }
  }

  mutating func take(
    _ commit: Commit, _ origin: Origin, refusal: Refusal?, at position: Position?,
    _ place: RecordPlace, isStub: Bool = false
  ) {
    for change in commit.changes
    where change.record == place.record && change.type == place.type.name {
      found.append(
        Found(
          position: position, journal: origin, header: commit.header, change: change,
          refusal: refusal, isStub: isStub))
    }
  }

  /// The version vector of each found commit; `nil` where journals were not kept.
  func vectors() -> [VersionVector]? {
    guard keepsJournals else { return nil }
    var result = Array(repeating: VersionVector(), count: found.count)
    var known = VersionVector()
    var next = 0
    // Contexts in the order of the log, so that one walk over it serves all.
    let order = found.indices.sorted {
      found[$0].header.context.position < found[$1].header.context.position
    }
    for index in order {
      let context = found[index].header.context.position
      while next < journals.count, journals[next].position <= context {
        known.advance(journals[next].origin.replica, to: journals[next].origin.sequence)
        next += 1
      }
      var vector = known
      vector.advance(found[index].journal.replica, to: found[index].journal.sequence)
      result[index] = vector
    }
    return result
  }
}
