import CBOR
import Database
import Merge
import TestSupport
import Testing

@testable import SpaceStore

/// Who wrote what stands at a position: made up, the same for the same position.
private final class MadeUpAuthors: AuthorshipSource {
  static func authorship(at position: Position) -> Authorship {
    let number = Int(truncatingIfNeeded: position.rawValue % 5)
    return Authorship(
      origin: .of(number, position.rawValue % 1000 + 1),
      time: HybridTime(milliseconds: 1000 + position.rawValue % 77, counter: UInt16(number)))
  }

  func authorship(space: Int64, at position: Position) throws -> Authorship {
    Self.authorship(at: position)
  }
}

@Suite struct RecordTablesTests {
  private let store: SpaceStore
  private let authors = MadeUpAuthors()

  init() throws {
    store = try makeStore()
    store.tables.authorships = authors
  }

  @Test func everyStateIsStoredAndLoadedEqual() throws {
    var generator = SplitMix64(seed: 4)
    for number in 0..<600 {
      let type = generator.oneIn(3) ? TestSchema.remark : TestSchema.sample
      let key = RowKey(space: 1, type: type.name, record: .numbered(number % 50))
      let before = try store.tables.load(key, seen: nil)
      let state = generator.state(of: type)
      try store.tables.store(
        StoredRow(state: state, place: before.place, hasSide: before.hasSide), key)
      let back = try store.tables.shownState(key)
      #expect(back == state, "\(number)")
    }
  }

  @Test func nothingOfAnEarlierStateIsLeft() throws {
    var generator = SplitMix64(seed: 5)
    let key = RowKey(space: 1, type: "sample", record: .numbered(1))
    for _ in 0..<200 {
      let before = try store.tables.load(key, seen: nil)
      let state = generator.state(of: TestSchema.sample)
      try store.tables.store(
        StoredRow(state: state, place: before.place, hasSide: before.hasSide), key)
    }
    let last = try store.tables.load(key, seen: nil)
    let empty = StoredRow(state: RecordState(), place: last.place, hasSide: last.hasSide)
    try store.tables.store(empty, key)
    for table in ["sample", "_sibling", "_deletion", "_hidden"] {
      let count = try store.database.first("SELECT COUNT(*) FROM \(table)") { $0.integer(0) }
      #expect(count == 0, "\(table)")
    }
  }

  @Test func columnsShowTheWinners() throws {
    let key = RowKey(space: 1, type: "sample", record: .numbered(1))
    let plan = CBORMap([(.text("mode"), .text("later")), (.text("at"), .unsigned(5))])
    let state = RecordState(
      created: Position(1),
      registers: [
        "title": register((1, .text("first")), (2, .text("second"))),
        "amount": register((1, .integer(1)), (2, .integer(2))),
        "level": register((1, .text("high")), (2, .text("low"))),
        "floor": register((1, .text("high")), (2, .text("low"))),
        "plan": register((3, .map(plan))),
        "numbers": register((3, .array([.integer(1), .integer(-2)]))),
        "labels/b": register((1, .bool(true)), (2, .bool(false))),
        "labels/a\"": register((1, .bool(true))),
        "watchers/x": register((1, .bool(true)), (2, .bool(false))),
      ])
    try store.tables.store(StoredRow(state: state, place: .nowhere, hasSide: false), key)
    let row = try store.database.first(
      "SELECT title, amount, level, floor, plan_mode, plan_at, numbers, labels, watchers "
        + "FROM sample"
    ) { row in (0..<row.columnCount).map { row.value($0) } }
    let expected: [SQLValue] = [
      .text("second"), .null, .text("high"), .text("low"), .text("later"), .integer(5),
      .text("[1,-2]"), .text(#"["a\"","b"]"#), .null,
    ]
    #expect(row == expected)
  }

  private func register(_ siblings: (UInt64, CBORValue)...) -> Register {
    Register(
      siblings: siblings.map { position, value in
        Sibling(
          position: Position(position),
          authorship: MadeUpAuthors.authorship(at: Position(position)), value: value)
      })
  }
}

extension SplitMix64 {
  /// Any state that a record of the type can come to.
  fileprivate mutating func state(of type: RecordType) -> RecordState {
    var state = RecordState(created: position())
    for field in type.fields where !oneIn(3) {
      if field.rule.isSet {
        for _ in 0..<number(1...3) {
          state.registers["\(field.name)/\(text())x"] = register { .bool($0.oneIn(2)) }
        }
      } else {
        state.registers[field.name] = register { $0.value(of: field) }
      }
    }
    if oneIn(3) {
      let positions = Set((0..<number(1...2)).map { _ in position() })
      state.deletions = positions.sorted().map { position in
        Deletion(
          position: position, authorship: MadeUpAuthors.authorship(at: position),
          seen: oneIn(2) ? Position(UInt64(number(1...300))) : position)
      }
    }
    return state
  }

  private mutating func position() -> Position {
    oneIn(4) ? .pending(sequence: UInt64(number(1...9))) : Position(UInt64(number(1...300)))
  }

  private mutating func register(
    _ value: (inout SplitMix64) -> CBORValue
  ) -> Register {
    let positions = Set((0..<(oneIn(3) ? number(2...4) : 1)).map { _ in position() })
    return Register(
      siblings: positions.map { position in
        Sibling(
          position: position, authorship: MadeUpAuthors.authorship(at: position),
          value: value(&self))
      })
  }
}
