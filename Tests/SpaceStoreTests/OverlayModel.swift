import CBOR
import Database
import Merge
import SyncProtocol
import TestSupport

@testable import SpaceStore

/// A device's store under random use, and beside it everything that went in, plainly kept.
///
/// Acts as a device does: own commits go into the overlay, wait for their verdicts in order, and
/// come back in the log; others' commits come between.
final class OverlayModel {
  struct Pending {
    var sequence: UInt64
    var commit: Commit
  }

  static let space: SpaceID = .numbered(1)
  private static let own = 1
  let store: SpaceStore
  /// A store that never had an overlay.
  let plain: SpaceStore
  let number: Int64
  var pending: [Pending] = []
  /// What the log says, in its order.
  private(set) var accepted: [(commit: Commit, stamp: CommitStamp)] = []
  private var sequences: [Int: UInt64] = [:]
  private var time: UInt64 = 1000
  private var generator: SplitMix64
  private(set) var recordCount = 0

  init(seed: UInt64) throws {
    generator = SplitMix64(seed: seed)
    store = try makeStore()
    plain = try makeStore()
    number = try store.number(of: Self.space)
    _ = try plain.number(of: Self.space)
    store.log.pendingAuthorship = { [unowned self] _, sequence in
      guard let found = pending.first(where: { $0.sequence == sequence }) else {
        throw StateError.damaged
      }
      return stamp(found).authorship
    }
  }

  // MARK: Steps

  func step() throws {
    switch generator.number(0...9) {
    case 0...3: try writeOwn()
    case 4...6: try acceptOther()
    case 7, 8: try giveVerdict()
    default: try reissue()
    }
  }

  /// An own commit, shown at once.
  private func writeOwn() throws {
    let changes = makeChanges(shownStates())
    let position = try store.state(Self.space).position
    try enqueue(header(seen: position), changes)
  }

  private func enqueue(_ header: CommitHeader, _ changes: [RecordChange]) throws {
    sequences[Self.own, default: 0] += 1
    let item = Pending(
      sequence: sequences[Self.own] ?? 0, commit: Commit(header: header, changes: changes))
    pending.append(item)
    try store.transaction {
      for change in changes {
        try store.tables.applyOverlay(change, stamp(item), space: number)
      }
    }
  }

  private func header(seen: Position, origin: Origin? = nil) -> CommitHeader {
    time += UInt64(generator.number(0...2))
    return CommitHeader(
      time: HybridTime(milliseconds: time, counter: 0), context: Context(position: seen),
      origin: origin)
  }

  /// Somebody else's commit comes in, written when its author had seen some of the log.
  private func acceptOther() throws {
    let author = generator.number(2...3)
    let last = try store.state(Self.space).position.rawValue
    let seen = Position(UInt64(generator.number(Int(last) / 2...Int(last))))
    let changes = makeChanges(acceptedStates())
    sequences[author, default: 0] += 1
    let origin = Origin.of(author, sequences[author] ?? 0)
    let covered = try accept(Commit(header: header(seen: seen), changes: changes), origin)
    try rebuild(covered)
  }

  /// The oldest own commit is accepted or refused.
  private func giveVerdict() throws {
    guard let first = pending.first else { return }
    let origin = Origin.of(Self.own, first.sequence)
    let isAcceptable = isAcceptable(first.commit)
    try store.transaction {
      var rows = first.commit.changes.map(key)
      if isAcceptable && !generator.oneIn(3) { rows += try accept(first.commit, origin) }
      pending.removeFirst()
      try rebuild(rows)
    }
  }

  /// Refused for its clock and written anew: another place in the journal, the old origin.
  private func reissue() throws {
    guard let first = pending.first, pending.count == 1 else { return }
    pending.removeFirst()
    let origin = first.commit.header.origin ?? .of(Self.own, first.sequence)
    try rebuild(first.commit.changes.map(key))
    let header = header(seen: first.commit.header.context.position, origin: origin)
    try enqueue(header, first.commit.changes)
  }

  private func accept(_ commit: Commit, _ origin: Origin) throws -> [RowKey] {
    let entry = LogEntry.commit(origin, EncodedCommit(commit))
    let fact = LogFact.commit(commit, origin)
    let point = JournalPoint(sequence: origin.sequence, hash: .zero)
    try plain.append(entry, fact, point: point, in: Self.space)
    let appended = try store.append(entry, fact, point: point, in: Self.space)
    let stamp = CommitStamp(
      position: appended.position,
      authorship: Authorship(origin: commit.header.origin ?? origin, time: commit.header.time),
      seen: commit.header.context.position)
    accepted.append((commit, stamp))
    return appended.covered
  }

  private func rebuild(_ rows: [RowKey]) throws {
    for row in Set(rows).sorted() {
      var changes: [(change: RecordChange, stamp: CommitStamp)] = []
      for item in pending {
        for change in item.commit.changes where key(change) == row {
          changes.append((change, stamp(item)))
        }
      }
      try store.tables.rebuild(row, pending: changes)
    }
  }

  private func stamp(_ item: Pending) -> CommitStamp {
    let journal = Origin.of(Self.own, item.sequence)
    let header = item.commit.header
    return CommitStamp(
      position: .pending(sequence: item.sequence),
      authorship: Authorship(origin: header.origin ?? journal, time: header.time),
      seen: header.context.position)
  }

  func key(_ change: RecordChange) -> RowKey {
    RowKey(space: number, type: change.type, record: change.record)
  }

  // MARK: The plain account

  /// Accepted history applied in log order, from nothing.
  func acceptedStates() -> [RowKey: RecordState] {
    var states: [RowKey: RecordState] = [:]
    for (commit, stamp) in accepted {
      apply(commit, stamp, &states)
      // Of what is gone for good only the marker is kept.
      for change in commit.changes where change.operation == .delete && change.type == "remark" {
        states[key(change)]?.registers = [:]
      }
    }
    return states
  }

  /// Then what is pending, in its order.
  func shownStates() -> [RowKey: RecordState] {
    var states = acceptedStates()
    for item in pending { apply(item.commit, stamp(item), &states) }
    return states
  }

  private func apply(
    _ commit: Commit, _ stamp: CommitStamp, _ states: inout [RowKey: RecordState]
  ) {
    for change in commit.changes {
      states[key(change), default: RecordState()].apply(change, of: stamp)
    }
  }

  private func isAcceptable(_ commit: Commit) -> Bool {
    let states = acceptedStates()
    return commit.changes.allSatisfy { change in
      change.operation == .create || isWritable(states[key(change)], change.type)
    }
  }

  private func isWritable(_ state: RecordState?, _ type: String) -> Bool {
    guard let state, state.created != nil else { return false }
    return type == "sample" || !state.isGone(.deleteWins)
  }

  // MARK: Changes

  private func makeChanges(_ states: [RowKey: RecordState]) -> [RecordChange] {
    var changes: [RecordChange] = []
    for _ in 0..<generator.number(1...2) {
      let writable = states.filter { isWritable($0.value, $0.key.type) }.keys.sorted()
      if writable.isEmpty || generator.oneIn(8) {
        changes.append(makeCreation())
      } else {
        let row = generator.pick(writable)
        guard !changes.contains(where: { key($0) == row }) else { continue }
        changes.append(makeChange(row))
      }
    }
    return changes
  }

  private func makeCreation() -> RecordChange {
    recordCount += 1
    let type = generator.oneIn(3) ? TestSchema.remark : TestSchema.sample
    return RecordChange(
      type: type.name, record: .numbered(recordCount), operation: .create,
      writes: makeWrites(type))
  }

  private func makeChange(_ row: RowKey) -> RecordChange {
    let type = row.type == "sample" ? TestSchema.sample : TestSchema.remark
    if generator.oneIn(5) {
      return RecordChange(type: row.type, record: row.record, operation: .delete)
    }
    return RecordChange(
      type: row.type, record: row.record, operation: .update, writes: makeWrites(type))
  }

  /// Few fields and few values, so that writes meet.
  private func makeWrites(_ type: RecordType) -> [FieldWrite] {
    let names: Set<String> = ["title", "amount", "level", "plan", "labels", "text", "score"]
    var writes: [FieldWrite] = []
    for field in type.fields where names.contains(field.name) && generator.oneIn(2) {
      let key = field.rule.isSet ? "\(field.name)/\(generator.pick(["a", "b"]))" : field.name
      let value =
        field.rule.isSet ? CBORValue.bool(generator.oneIn(2)) : generator.value(of: field)
      writes.append(FieldWrite(key: key, value: value))
    }
    return writes
  }
}
