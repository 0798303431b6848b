import Merge

extension SpaceStore {
  /// All or nothing; what is kept in memory follows what is on disk.
  public func transaction<Result>(_ body: () throws -> Result) throws -> Result {
    let before = (schema: schema, layouts: tables.layouts)
    // What is undone must not take with it what came before.
    try saveAll()
    transactionDepth += 1
    defer { transactionDepth -= 1 }
    do {
      return try database.transaction {
        let result = try body()
        try saveAll()
        return result
      }
    } catch {
      schema = before.schema
      tables.layouts = before.layouts
      forget()
      throw error
    }
  }

  /// Forgets what is kept in memory: after a rolled-back transaction, or where another connection
  /// may have written.
  package func forget() {
    spaces = [:]
    unsaved = []
    log.forget()
    tables.forget()
    stubKeys.forget()
  }

  func save(_ entry: Entry, _ space: SpaceID) throws {
    let kind = spaces[space]?.state.kind
    spaces[space] = entry
    // What kind a space is others read from the table.
    if transactionDepth > 0, kind == entry.state.kind {
      unsaved.insert(space)
    } else {
      try write(entry)
      unsaved.remove(space)
    }
  }

  func saveAll() throws {
    for space in unsaved.sorted() {
      if let entry = spaces[space] { try write(entry) }
    }
    unsaved = []
  }

  private func write(_ entry: Entry) throws {
    try database.run(
      "UPDATE space SET kind = ?, head = ?, state = ? WHERE number = ?",
      entry.state.kind.map { .text($0.rawValue) } ?? .null, .blob(entry.head.hash.bytes),
      .blob(entry.state.stored), .integer(entry.number))
  }
}
