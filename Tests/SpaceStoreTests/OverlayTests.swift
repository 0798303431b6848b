import Database
import Merge
import Testing

@testable import SpaceStore

@Suite struct OverlayTests {
  /// After every step each row is what its history comes to, computed from nothing.
  @Test(arguments: 1...12 as ClosedRange<UInt64>)
  func rowsAreWhatTheirHistoryComesTo(seed: UInt64) throws {
    let model = try OverlayModel(seed: seed)
    for step in 0..<90 {
      try model.step()
      let shown = model.shownStates()
      let accepted = model.acceptedStates()
      for key in shown.keys.sorted() {
        let expected = shown[key] ?? RecordState()
        let found = try model.store.tables.shownState(key)
        if expected.created == nil {
          #expect(found == RecordState(), "step \(step)")
        } else {
          try #require(found == expected, "step \(step)")
        }
        try expectPlace(model.store, key, expected)
        let image = try model.store.tables.acceptedState(key)
        try #require(image == accepted[key] ?? RecordState(), "step \(step)")
        try expectStandings(model.store, key, shown: expected, accepted: accepted[key])
      }
      if model.pending.isEmpty {
        let dumps = (try dump(model.store), try dump(model.plain))
        try #require(dumps.0 == dumps.1, "step \(step)")
      }
    }
    #expect(model.recordCount > 3)
  }

  /// What acceptance is told without reading the whole state.
  private func expectStandings(
    _ store: SpaceStore, _ key: RowKey, shown: RecordState, accepted: RecordState?
  ) throws {
    let found = try store.tables.standing(key, isAccepted: true)
    #expect(found?.created == accepted?.created)
    let seen = try store.tables.standing(key, isAccepted: false)
    #expect(seen?.created == shown.created)
  }

  /// A gone record has no row; one that is there has one.
  private func expectPlace(_ store: SpaceStore, _ key: RowKey, _ state: RecordState) throws {
    let rule: RecordType.ConcurrentDelete = key.type == "sample" ? .editWins : .deleteWins
    let isVisible = state.created != nil && !state.isGone(rule)
    let count = try store.database.first(
      "SELECT COUNT(*) FROM \"\(key.type)\" WHERE record = ?", .blob(key.record.bytes)
    ) { $0.integer(0) }
    #expect(count == (isVisible ? 1 : 0))
  }

  /// Every byte of the rows and of what lies beside them.
  private func dump(_ store: SpaceStore) throws -> [[SQLValue]] {
    var rows: [[SQLValue]] = []
    for table in ["sample", "remark", "_sibling", "_deletion", "_hidden", "_accepted"] {
      rows += try store.database.rows("SELECT * FROM \(table) ORDER BY 1, 2, 3, 4") { row in
        [.text(table)] + (0..<row.columnCount).map { row.value($0) }
      }
    }
    return rows
  }
}
