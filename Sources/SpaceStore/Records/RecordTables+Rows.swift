import CBOR
import Database
import Merge

/// A record as it lies in the tables.
struct StoredRow {
  enum Place {
    case nowhere
    case table
    case hidden
  }

  var state: RecordState
  let place: Place
  /// Whether the side tables hold anything of the row.
  let hasSide: Bool
  /// The sequence of the unsent commit that has created the record, where nobody else has it yet.
  var unsentCreation: UInt64?
  /// Of a row in its type's table.
  var clock: RowClock?
}

extension RecordTables {
  /// The shown state of a record; an empty one where there is none.
  public func shownState(_ key: RowKey) throws -> RecordState { try load(key, seen: nil).state }

  /// The shown state of a record, without the authors of what decides nothing.
  func shownValues(_ key: RowKey) throws -> RecordState {
    try load(key, seen: Self.everything).state
  }

  private static let everything = Seen(upTo: .pending(sequence: Position.countMax - 1))

  /// - Parameters:
  ///   - seen: what the author of the coming write had seen. Lone siblings up to there will be
  ///     kept or overwritten by their position alone, so their authorship is not looked up. `nil`: all.
  ///   - isAccepted: leaves out the state of a record that only an unsent commit knows.
  func load(_ key: RowKey, seen: Seen?, isAccepted: Bool = false) throws -> StoredRow {
    let layout = try layout(key.type)
    let found = try database.first(
      layout.selectStatement, .integer(key.space), .blob(key.record.bytes)
    ) { row in (row.integer(0), row.blob(1), (2..<row.columnCount).map { row.value($0) }) }
    guard let (created, clockBytes, columns) = found else { return try loadHidden(key) }
    let clock = try RowClock(clockBytes, count: layout.plainFields.count)
    let hasSide = clock.hasSideRegisters || clock.hasDeletions
    var state = RecordState(created: try Self.position(created))
    let unsent = state.created?.pendingSequence
    if unsent == nil || !isAccepted {
      if clock.hasDeletions { state.deletions = try loadDeletions(key) }
      // A deletion's cover may depend on who wrote what.
      let known = clock.hasDeletions ? nil : seen
      try readColumns(columns, clock, layout, key, seen: known, &state)
      if clock.hasSideRegisters { try loadSiblings(key, &state) }
    }
    return StoredRow(
      state: state, place: .table, hasSide: hasSide, unsentCreation: unsent, clock: clock)
  }

  private static func position(_ stored: Int64) throws(StateError) -> Position {
    guard let position = UInt64(exactly: stored).flatMap({ Position(stored: $0) }) else {
      throw .damaged
    }
    return position
  }

  /// Where a record lies, without its state: for a row that is about to be replaced, whose pending
  /// authors may be gone from the outbox already.
  func shape(_ key: RowKey) throws -> StoredRow {
    let layout = try layout(key.type)
    let found = try database.first(
      layout.shapeStatement, .integer(key.space), .blob(key.record.bytes)
    ) { row in
      (
        created: try Self.position(row.integer(0)),
        clock: try RowClock(row.blob(1), count: layout.plainFields.count)
      )
    }
    guard let found else {
      var hidden = try loadHidden(key)
      hidden.state = RecordState()
      return hidden
    }
    return StoredRow(
      state: RecordState(), place: .table,
      hasSide: found.clock.hasSideRegisters || found.clock.hasDeletions,
      unsentCreation: found.created.pendingSequence, clock: found.clock)
  }

  /// When a record was created and whether it is gone; `nil` where there is none.
  ///
  /// - Parameter isAccepted: whether own unsent commits do not count.
  func standing(
    _ key: RowKey, isAccepted: Bool
  ) throws -> (created: Position, isGone: Bool)? {
    var state: RecordState?
    // Also of a record that is not shown: an unsent change may have come before its creation.
    if isAccepted { state = try image(key) }
    if state == nil {
      if try memory(key).isAbove(key.record) { return nil }
      let row = try load(key, seen: Self.everything, isAccepted: isAccepted)
      state = isAccepted && row.unsentCreation != nil ? nil : row.state
    }
    guard let state, let created = state.created else { return nil }
    return (created, state.isGone(try layout(key.type).type.concurrentDelete))
  }

  private func readColumns(
    _ columns: [SQLValue], _ clock: RowClock, _ layout: TableLayout, _ key: RowKey,
    seen: Seen?, _ state: inout RecordState
  ) throws {
    var start = 0
    for (index, field) in layout.type.fields.enumerated() {
      let own = layout.columns[index]
      defer { start += own.count }
      guard let place = layout.places[index],
        case .position(let position) = clock.places[place]
      else { continue }
      let value = try TableLayout.value(own, Array(columns[start..<start + own.count]))
      let isKnown = seen?.contains(position) ?? false
      let authorship =
        try isKnown
        ? Authorship.notLookedUp : authorship(space: key.space, at: position)
      state.registers[field.name] = Register(
        siblings: [Sibling(position: position, authorship: authorship, value: value ?? .null)])
    }
  }

  func authorship(space: Int64, at position: Position) throws -> Authorship {
    guard let authorships else { preconditionFailure("the tables outlive their store") }
    return try authorships.authorship(space: space, at: position)
  }

  private func loadHidden(_ key: RowKey) throws -> StoredRow {
    let state = try database.first(
      "SELECT state FROM _hidden WHERE space = ? AND type = ? AND record = ?",
      .integer(key.space), .text(key.type), .blob(key.record.bytes)
    ) { try RecordState(stored: $0.blob(0)) }
    guard let state else {
      return StoredRow(state: RecordState(), place: .nowhere, hasSide: false)
    }
    return StoredRow(
      state: state, place: .hidden, hasSide: false,
      unsentCreation: state.created?.pendingSequence)
  }

  private func loadSiblings(_ key: RowKey, _ state: inout RecordState) throws {
    var registers: [String: [Sibling]] = [:]
    try database.each(
      "SELECT key, position, origin, time, value FROM _sibling "
        + "WHERE space = ? AND type = ? AND record = ?",
      .integer(key.space), .text(key.type), .blob(key.record.bytes)
    ) { row in
      let (position, authorship) = try Self.stamp(row, from: 1)
      let sibling = Sibling(
        position: position, authorship: authorship,
        value: try CBORValue(decoding: row.blob(4)))
      registers[row.text(0), default: []].append(sibling)
    }
    for (name, siblings) in registers { state.registers[name] = Register(siblings: siblings) }
  }

  private func loadDeletions(_ key: RowKey) throws -> [Deletion] {
    try database.rows(
      "SELECT position, origin, time, seen, further FROM _deletion "
        + "WHERE space = ? AND type = ? AND record = ? ORDER BY position",
      .integer(key.space), .text(key.type), .blob(key.record.bytes)
    ) { row in
      let (position, authorship) = try Self.stamp(row, from: 0)
      guard let seen = Position(stored: UInt64(bitPattern: row.integer(3))) else {
        throw StateError.damaged
      }
      let further = try row.optionalBlob(4).map { try Seen.further(stored: $0) } ?? []
      return Deletion(
        position: position, authorship: authorship, seen: Seen(upTo: seen, further: further))
    }
  }

  private static func stamp(
    _ row: any SQLStatement, from column: Int
  ) throws -> (Position, Authorship) {
    guard let position = Position(stored: UInt64(bitPattern: row.integer(column))),
      let origin = Origin(packed: row.blob(column + 1))
    else { throw StateError.damaged }
    let time = HybridTime(rawValue: UInt64(bitPattern: row.integer(column + 2)))
    return (position, Authorship(origin: origin, time: time))
  }

  // MARK: Storing

  func store(_ row: StoredRow, _ key: RowKey) throws {
    let layout = try layout(key.type)
    if row.hasSide { try dropSide(key) }
    guard row.state.created != nil else { return try drop(row, key, layout) }
    if row.state.isGone(layout.type.concurrentDelete) {
      if row.place == .table { try drop(row, key, layout) }
      try database.run(
        "INSERT OR REPLACE INTO _hidden VALUES (?, ?, ?, ?)",
        .integer(key.space), .text(key.type), .blob(key.record.bytes), .blob(row.state.stored))
      try memory(key).noteHidden(key.record)
    } else {
      if row.place == .hidden { try drop(row, key, layout) }
      try write(row.state, key, layout)
    }
  }

  private func write(_ state: RecordState, _ key: RowKey, _ layout: TableLayout) throws {
    guard let created = state.created else { return }
    var clock = RowClock(
      places: Array(repeating: .unwritten, count: layout.plainFields.count),
      hasSideRegisters: false, hasDeletions: !state.deletions.isEmpty)
    var columns: [SQLValue] = []
    for (index, field) in layout.type.fields.enumerated() {
      let own = layout.columns[index]
      guard let place = layout.places[index] else {
        let elements = state.elements(of: field, in: layout.type)
        if state.hasElements(of: field) { clock.hasSideRegisters = true }
        columns.append(elements.isEmpty ? .null : .text(JSONText.array(elements)))
        continue
      }
      let register = state.registers[field.name] ?? Register()
      clock.places[place] = RecordTables.place(register, own)
      if clock.places[place] == .siblings { clock.hasSideRegisters = true }
      let shown = field.winner(of: register, in: layout.type)
      columns += TableLayout.sql(shown?.value, own)
    }
    try database.run(
      layout.replaceStatement,
      arguments: [
        .integer(key.space), .blob(key.record.bytes),
        .integer(Int64(bitPattern: created.rawValue)), .blob(clock.bytes),
      ] + columns)
    try memory(key).noteShown(key.record)
    if clock.hasSideRegisters {
      let aside = layout.plainFields.indices.filter { clock.places[$0] == .siblings }
        .map { layout.type.fields[layout.plainFields[$0]].name }
      try writeSiblings(state, key, aside: Set(aside))
    }
    if clock.hasDeletions { try writeDeletions(state, key) }
  }

  /// Aside lie several values, and one that the columns cannot hold.
  private static func place(
    _ register: Register, _ columns: [TableLayout.Column]
  ) -> RowClock.Place {
    guard let first = register.siblings.first else { return .unwritten }
    let isAside = register.isConflict || !TableLayout.holds(columns, first.value)
    return isAside ? .siblings : .position(first.position)
  }

  private func writeSiblings(_ state: RecordState, _ key: RowKey, aside: Set<String>) throws {
    for (name, register) in state.registers.sorted(by: { $0.key < $1.key }) {
      guard FieldWrite.isElement(name) || aside.contains(name) else { continue }
      for sibling in register.siblings {
        try database.run(
          "INSERT INTO _sibling VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
          .integer(key.space), .text(key.type), .blob(key.record.bytes), .text(name),
          .integer(Int64(bitPattern: sibling.position.rawValue)),
          .blob(sibling.authorship.origin.packed),
          .integer(Int64(bitPattern: sibling.authorship.time.rawValue)),
          .blob(sibling.value.encoded))
      }
    }
  }

  private func writeDeletions(_ state: RecordState, _ key: RowKey) throws {
    for deletion in state.deletions {
      try database.run(
        "INSERT INTO _deletion VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        .integer(key.space), .text(key.type), .blob(key.record.bytes),
        .integer(Int64(bitPattern: deletion.position.rawValue)),
        .blob(deletion.authorship.origin.packed),
        .integer(Int64(bitPattern: deletion.authorship.time.rawValue)),
        .integer(Int64(bitPattern: deletion.seen.upTo.rawValue)),
        deletion.seen.storedFurther.map { .blob($0) } ?? .null)
    }
  }

  private func drop(_ row: StoredRow, _ key: RowKey, _ layout: TableLayout) throws {
    switch row.place {
    case .nowhere: break
    case .table:
      try database.run(
        layout.deleteStatement, .integer(key.space), .blob(key.record.bytes))
    case .hidden:
      try database.run(
        "DELETE FROM _hidden WHERE space = ? AND type = ? AND record = ?",
        .integer(key.space), .text(key.type), .blob(key.record.bytes))
    }
  }

  private func dropSide(_ key: RowKey) throws {
    for table in ["_sibling", "_deletion"] {
      try database.run(
        "DELETE FROM \(table) WHERE space = ? AND type = ? AND record = ?",
        .integer(key.space), .text(key.type), .blob(key.record.bytes))
    }
  }
}

extension Authorship {
  /// Stands for the author of a lone sibling whose position already decides what becomes of it. Never
  /// stored and never compared.
  fileprivate static let notLookedUp: Authorship = {
    guard let replica = ReplicaID([UInt8](repeating: 0, count: ReplicaID.byteCount)) else {
      preconditionFailure("a replica id of zeros")
    }
    return Authorship(origin: Origin(replica: replica, sequence: 0), time: .zero)
  }()
}

extension RecordState {
  fileprivate func hasElements(of field: Field) -> Bool {
    registers.keys.contains { FieldWrite.isElement($0) && FieldWrite.field(of: $0) == field.name }
  }

  /// The JSON texts of a set's present elements, sorted.
  fileprivate func elements(of field: Field, in type: RecordType) -> [String] {
    registers.compactMap { key, register in
      guard let element = FieldWrite.element(of: key), FieldWrite.field(of: key) == field.name,
        field.winner(of: register, in: type)?.value == .bool(true)
      else { return nil }
      return element
    }
    .sorted()
    .map(JSONText.quoted)
  }
}
