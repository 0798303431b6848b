import Database
import Merge

/// How a change that writes certain fields goes into the columns of a row; worked out once for all
/// changes that write the same ones.
final class WritePlan {
  let layout: TableLayout
  /// For each write the index of its field in the type's fields.
  let fields: [Int]
  /// Whether a value may not fit the columns, and has to be looked at.
  private let mayLieAside: Bool
  /// Whether nothing but what the author had seen decides over what stood there.
  let overwritesPlainly: Bool
  /// Each write's columns, then the clock, the space and the record.
  let updateStatement: String

  /// `nil` where a field is not known, has no place of its own in the row, or is written twice.
  init?(places: [Int?], layout: TableLayout) {
    var fields: [Int] = []
    for place in places {
      guard let place, layout.places[place] != nil, !fields.contains(place) else { return nil }
      fields.append(place)
    }
    let written = fields.map { layout.type.fields[$0] }
    self.layout = layout
    self.fields = fields
    mayLieAside = fields.contains { layout.columns[$0][0].component != nil }
    overwritesPlainly = !written.contains { $0.isGuarded || $0.rule == .once }
    let columns = fields.flatMap { layout.columns[$0] }.map { "\"\($0.name)\" = ?, " }
    updateStatement =
      "UPDATE \"\(layout.type.name)\" SET \(columns.joined())_clock = ? "
      + "WHERE space = ? AND record = ?"
  }

  /// Whether the columns can hold all values of a change.
  func holds(_ change: RecordChange) -> Bool {
    guard mayLieAside else { return true }
    return zip(fields, change.writes).allSatisfy {
      TableLayout.holds(layout.columns[$0], $1.value)
    }
  }

  /// The clock of a row that a commit at a position has made.
  func clock(at position: Position) -> RowClock {
    var clock = RowClock(
      places: Array(repeating: .unwritten, count: layout.plainFields.count),
      hasSideRegisters: false, hasDeletions: false)
    for field in fields {
      if let place = layout.places[field] { clock.places[place] = .position(position) }
    }
    return clock
  }

  /// Binds the values of a change.
  ///
  /// - Parameter place: the first parameter of a write's columns, by the index of the write and that
  ///   of the field.
  func bind(
    _ change: RecordChange, to statement: any SQLStatement, at place: (Int, Int) -> Int
  ) throws(SQLError) {
    for (index, field) in fields.enumerated() {
      try TableLayout.bind(
        change.writes[index].value, layout.columns[field], to: statement,
        from: place(index, field))
    }
  }
}
