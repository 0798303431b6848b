import CBOR
import Merge
import Signing
import SyncProtocol
import TestSupport
import Testing

@testable import SpaceStore

/// A space that is taken back to a position is what it was there.
@Suite struct RebuildTests {
  private let space: SpaceID = .numbered(1)

  /// Entries that name no other history.
  private struct Nothing: AuthoritySource {
    func accountChain(_ account: AccountID) throws -> AccountChain? { nil }
    func statement(_ chain: ChainReference, at index: UInt64) throws -> SignedStatement? { nil }
    func organisationChain(_ organisation: OrganisationID) throws -> OrganisationChain? { nil }
    func teamChain(_ team: TeamID) throws -> TeamChain? { nil }
    func consentCommits(_ space: SpaceID, at position: Position) throws -> [ConsentCommit] { [] }
    func members(of space: SpaceID) throws -> [AccountID: Role]? { nil }
  }

  private struct Image: Hashable {
    let state: [UInt8]
    let head: LogHead
    let rows: [RowKey: [UInt8]]
  }

  private func image(_ store: SpaceStore, _ keys: [RecordID]) throws -> Image {
    let number = try store.number(of: space)
    var rows: [RowKey: [UInt8]] = [:]
    for record in keys {
      let key = RowKey(space: number, type: "remark", record: record)
      rows[key] = try store.tables.acceptedState(key).stored
    }
    return Image(
      state: try store.state(space).stored, head: try store.head(space), rows: rows)
  }

  /// A random log over a few records, with a restore in the middle of some.
  private func append(
    _ store: SpaceStore, _ number: Int, _ records: [RecordID], _ random: inout SplitMix64,
    _ sequences: inout [Int: UInt64]
  ) throws {
    let state = try store.state(space)
    if random.oneIn(6) {
      let milliseconds = UInt64(number)
      try store.append(
        .time(milliseconds), .time(milliseconds: milliseconds), point: nil, in: space)
      return
    }
    if random.oneIn(12) {
      let next = state.incarnation + 1
      try store.append(.incarnation(next), .incarnation(next), point: nil, in: space)
      return
    }
    let author = Int(random.next() % 3) + 1
    let sequence = (sequences[author] ?? 0) + 1
    sequences[author] = sequence
    let record = random.pick(records)
    let key = RowKey(space: try store.number(of: space), type: "remark", record: record)
    let operation: RecordChange.Operation =
      try store.tables.acceptedState(key).created == nil
      ? .create : random.oneIn(6) ? .delete : .update
    let change = RecordChange(
      type: "remark", record: record, operation: operation,
      writes: operation == .delete
        ? [] : [FieldWrite(key: "text", value: .text("\(number)"))])
    let seen = Position(state.position.rawValue - min(state.position.rawValue, random.next() % 4))
    let commit = Commit(
      header: CommitHeader(
        time: HybridTime(milliseconds: UInt64(number), counter: 0),
        context: Context(incarnation: state.incarnation, position: seen)),
      changes: [change])
    let origin = Origin.of(author, sequence)
    let encoded = EncodedCommit(commit)
    let point = try store.journalPoint(space, origin.replica)
      .next(space, origin.replica, content: encoded.contentHash)
    try store.append(
      .commit(origin, encoded), .commit(commit, origin), point: point, in: space)
  }

  @Test(arguments: 1...12 as ClosedRange<UInt64>)
  func aSpaceIsWhatItWas(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let store = try makeStore(keepsHeads: random.oneIn(2))
    let records = (1...4).map { RecordID.numbered($0) }
    var sequences: [Int: UInt64] = [:]
    var images: [Image] = []
    try store.transaction {
      for number in 1...40 {
        try append(store, number, records, &random, &sequences)
        images.append(try image(store, records))
      }
    }
    let last = Int(try store.state(space).position.rawValue)
    #expect(last == 40)
    for position in [40, 40 - Int(random.next() % 10), 20, 1 + Int(random.next() % 10), 0] {
      let head =
        position == 0 ? .start(of: space) : images[position - 1].head
      #expect(try store.head(space, at: Position(UInt64(position))) == head)
      try store.transaction {
        try store.rebuild(space, source: Nothing(), upTo: Position(UInt64(position)))
      }
      if position > 0 { #expect(try image(store, records) == images[position - 1]) }
    }
    let rest = try store.log.entries(
      space: store.number(of: space), after: .zero, byteCountMax: 1 << 20)
    #expect(rest.isEmpty)
    #expect(try store.head(space) == .start(of: space))
  }

  /// A stub has its commit's place in its author's journal.
  @Test(arguments: 20..<24 as Range<UInt64>)
  func aCompactedSpaceIsWhatItWas(seed: UInt64) throws {
    let model = try CompactionModel(seed: seed)
    try model.run(stepCount: 120)
    #expect(try model.served().contains { if case .stub = $0 { true } else { false } })
    let store = model.server
    let head = try store.head(space)
    let state = try store.state(space).stored
    let digest = try store.digest(of: space)
    try store.rebuild(space, source: Nothing())
    #expect(try store.head(space) == head)
    #expect(try store.rollingHead(of: space, at: head.position) == head)
    #expect(try store.state(space).stored == state)
    #expect(try store.digest(of: space) == digest)
  }
}
