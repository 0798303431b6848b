import Merge

/// What is kept in mind of a record type's table in one space while it is written to.
///
/// Only ever grows while nothing is rolled back: what is deleted does not lower it, which costs a look
/// into the table and no more.
final class TableMemory {
  let layout: TableLayout
  /// No record above these is in the table, or among those that are hidden; `nil`: none is.
  var highestShown: RecordID?
  var highestHidden: RecordID?
  private var fields = WrittenFields()
  private var shape = 0
  private var plan: WritePlan?
  private var newRow: (plan: WritePlan, position: Position, clock: [UInt8])?

  init(_ layout: TableLayout, highestShown: RecordID?, highestHidden: RecordID?) {
    self.layout = layout
    self.highestShown = highestShown
    self.highestHidden = highestHidden
  }

  /// Whether there can be nothing of a record. Ids are time-ordered, so that this is so of most new ones.
  func isAbove(_ record: RecordID) -> Bool {
    if let highestShown, record <= highestShown { return false }
    if let highestHidden, record <= highestHidden { return false }
    return true
  }

  /// How a change goes into the columns of its row; `nil` where it does not without looking at more.
  func plan(for change: RecordChange) -> WritePlan? {
    let places = fields.places(of: change, layout.type)
    if fields.shape != shape {
      shape = fields.shape
      plan = WritePlan(places: places, layout: layout)
    }
    guard let plan, plan.holds(change) else { return nil }
    return plan
  }

  /// The bytes of the clock of a row that a commit at a position has made: the same for all its rows.
  func clock(of plan: WritePlan, at position: Position) -> [UInt8] {
    if let newRow, newRow.plan === plan, newRow.position == position { return newRow.clock }
    let clock = plan.clock(at: position).bytes
    newRow = (plan, position, clock)
    return clock
  }

  func noteShown(_ record: RecordID) {
    highestShown = highestShown.map { max($0, record) } ?? record
  }

  func noteHidden(_ record: RecordID) {
    highestHidden = highestHidden.map { max($0, record) } ?? record
  }
}
