import CBOR
import Database
import Merge

/// Changes of which the values go into the row as they are, without a state in between: new records, and
/// what overwrites lone values.
extension RecordTables {
  /// What is in mind of a table; asked for each change, and mostly for the same as before.
  func memory(_ key: RowKey) throws -> TableMemory {
    if let lastMemory, lastMemory.space == key.space, lastMemory.memory.layout.type.name == key.type
    {
      return lastMemory.memory
    }
    let place = MemoryKey(space: key.space, type: key.type)
    let memory = try memories[place] ?? read(place)
    if memories.count >= Self.memoryCountMax { memories = [:] }
    memories[place] = memory
    lastMemory = (key.space, memory)
    return memory
  }

  /// Tables kept in mind, one a space and type.
  private static let memoryCountMax = 4096

  private func read(_ place: MemoryKey) throws -> TableMemory {
    let layout = try layout(place.type)
    let shown = try database.first(layout.highestStatement, .integer(place.space)) {
      try Self.record($0.blob(0))
    }
    let hidden = try database.first(
      "SELECT record FROM _hidden WHERE space = ? AND type = ? ORDER BY record DESC LIMIT 1",
      .integer(place.space), .text(place.type)
    ) { try Self.record($0.blob(0)) }
    return TableMemory(layout, highestShown: shown, highestHidden: hidden)
  }

  private static func record(_ bytes: [UInt8]) throws(StateError) -> RecordID {
    guard let record = RecordID(bytes) else { throw .damaged }
    return record
  }

  /// Whether nothing is known of a record.
  private func isNew(_ key: RowKey, _ memory: TableMemory) throws -> Bool {
    try memory.isAbove(key.record) || shape(key).place == .nowhere
  }

  /// Writes the row of a record that nothing is known of.
  ///
  /// - Returns: `false`, and nothing is done, where the change does not make such a record, or one
  ///   with values that lie aside.
  func insertNew(_ change: RecordChange, _ stamp: CommitStamp, _ key: RowKey) throws -> Bool {
    guard change.operation == .create else { return false }
    let memory = try memory(key)
    guard let plan = memory.plan(for: change), try isNew(key, memory), try !isImaged(key) else {
      return false
    }
    try writeNew(change, plan, stamp, key, memory)
    memory.noteShown(key.record)
    return true
  }

  /// Writes a row anew that shows one own commit and no other, now that the log has it.
  ///
  /// - Returns: `false`, and nothing is done, where more than that commit made the row.
  func settleNew(
    _ change: RecordChange, _ stamp: CommitStamp, _ key: RowKey, made row: StoredRow
  ) throws -> Bool {
    guard change.operation == .create, row.place == .table, !row.hasSide,
      let sequence = row.unsentCreation, let clock = row.clock,
      clock.places.allSatisfy({
        $0 == .unwritten || $0 == .position(.pending(sequence: sequence))
      }),
      try authorship(space: key.space, at: .pending(sequence: sequence)) == stamp.authorship
    else { return false }
    let memory = try memory(key)
    guard let plan = memory.plan(for: change) else { return false }
    try writeNew(change, plan, stamp, key, memory)
    return true
  }

  private func writeNew(
    _ change: RecordChange, _ plan: WritePlan, _ stamp: CommitStamp, _ key: RowKey,
    _ memory: TableMemory
  ) throws {
    let layout = memory.layout
    try database.withStatement(layout.replaceStatement) { statement in
      try statement.bind(1, key.space)
      try statement.bind(2, key.record.bytes)
      try statement.bind(3, Int64(bitPattern: stamp.position.rawValue))
      try statement.bind(4, memory.clock(of: plan, at: stamp.position))
      try plan.bind(change, to: statement) { _, field in 5 + layout.columnStarts[field] }
      _ = try statement.step()
    }
  }

  /// Writes plain values over lone ones that the author had seen or had written.
  ///
  /// - Parameter isOwn: whether the change is an own unsent one; of a row that has its accepted image
  ///   aside or needs none.
  /// - Returns: `false`, and nothing is done, where more has to be known of the row.
  func updateInPlace(
    _ change: RecordChange, _ stamp: CommitStamp, _ key: RowKey, isOwn: Bool
  ) throws -> Bool {
    guard change.operation == .update else { return false }
    let memory = try memory(key)
    guard let plan = memory.plan(for: change), plan.overwritesPlainly else { return false }
    let row = try shape(key)
    guard row.place == .table, !row.hasSide, var clock = row.clock,
      try row.unsentCreation == nil ? !isOwn || isImaged(key) : isOwn
    else { return false }
    var overwrittenPositions: [Position] = []
    for field in plan.fields {
      guard let place = plan.layout.places[field] else { return false }
      switch clock.places[place] {
      case .unwritten: break
      case .siblings: return false
      case .position(let position):
        guard try isOverwritten(position, by: stamp, space: key.space) else { return false }
        overwrittenPositions.append(position)
      }
      clock.places[place] = .position(stamp.position)
    }
    if !isOwn {
      try overwritten?.note(
        overwrittenPositions, stamp, type: plan.layout.type, space: key.space)
    }
    try database.withStatement(plan.updateStatement) { statement in
      var next = 1
      try plan.bind(change, to: statement) { _, field in
        defer { next += plan.layout.columns[field].count }
        return next
      }
      try statement.bind(next, clock.bytes)
      try statement.bind(next + 1, key.space)
      try statement.bind(next + 2, key.record.bytes)
      _ = try statement.step()
    }
    return true
  }

  /// As ``Merge/Register/isOverwritten(_:by:seen:)``; who wrote it is looked up only where it decides.
  private func isOverwritten(
    _ position: Position, by stamp: CommitStamp, space: Int64
  ) throws -> Bool {
    if stamp.seen.contains(position) { return true }
    let sibling = Sibling(
      position: position, authorship: try authorship(space: space, at: position), value: .null)
    return Register.isOverwritten(sibling, by: stamp.authorship.origin, seen: stamp.seen)
  }
}
