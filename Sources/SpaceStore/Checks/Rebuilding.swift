import Database
import Merge
import Signing
import SyncProtocol

extension SpaceStore {
  /// Makes a space's head, state, rows and all that is looked up in its log anew, from the entries of
  /// the log alone. What a device has not sent has to be put over the rows again.
  ///
  /// - Parameters:
  ///   - source: the verified histories that entries name.
  ///   - last: drops what stands after this position; `nil` keeps the whole log.
  /// - Throws: `FactError`, `ChainError` or `WireError` where the log itself is damaged; then nothing
  ///   was changed.
  public func rebuild(
    _ space: SpaceID, source: some AuthoritySource, upTo last: Position? = nil
  ) throws {
    try transaction {
      let number = try storedNumber(space)
      try restart(space)
      if let last { try log.cut(space: number, after: last) }
      try log.clearDerived(space: number)
      let resolver = FactResolver(space: space, source: source)
      var journals: [ReplicaID: JournalPoint] = [:]
      try eachEntry(space) { _, entry in
        var point: JournalPoint?
        if let origin = entry.journalOrigin, let content = entry.contentHash {
          point = (journals[origin.replica] ?? .start)
            .next(space, origin.replica, content: content)
          guard point?.sequence == origin.sequence else { throw StateError.damaged }
          journals[origin.replica] = point
        }
        _ = try take(entry, resolver.fact(entry), point: point, in: space, isLogged: true)
      }
    }
  }

  /// The rolling hash at a position, from the entries alone; `nil` where the log does not go that far.
  package func rollingHash(of space: SpaceID, at position: Position) throws -> Digest? {
    var head = LogHead.start(of: space)
    var journals: [ReplicaID: JournalPoint] = [:]
    var found: Digest? = position == .zero ? .zero : nil
    try eachEntry(space) { place, entry in
      guard place <= position else { return }
      var point: JournalPoint?
      if let origin = entry.journalOrigin, let content = entry.contentHash {
        point = (journals[origin.replica] ?? .start)
          .next(space, origin.replica, content: content)
        journals[origin.replica] = point
      }
      head = head.next(entry.hash(at: point))
      if place == position { found = head.hash }
    }
    return found
  }

  /// Puts a space back before its first entry: state and head as at the start, and no rows. The log
  /// stays.
  private func restart(_ space: SpaceID) throws {
    let number = try storedNumber(space)
    try tables.purge(space: number)
    try stubKeys.purge(space: number)
    try overwritten.purge(space: number)
    try save(
      Entry(
        number: number, state: SpaceState(id: space, server: server), head: .start(of: space)),
      space)
  }

  /// Drops all that is known of a space but its number: it is pulled once more, where it is damaged or
  /// where its reader was let in again.
  public func empty(_ space: SpaceID) throws {
    try restart(space)
    try log.purge(space: storedNumber(space))
  }

  /// The space's number, also where its state cannot be read.
  package func storedNumber(_ space: SpaceID) throws -> Int64 {
    let number = try database.first(
      "SELECT number FROM space WHERE id = ?", .blob(space.bytes)
    ) { $0.integer(0) }
    guard let number else { throw StateError.damaged }
    return number
  }

  /// Each entry of a space's log with its position, from the first.
  ///
  /// - Throws: `StateError` where a position is missing.
  package func eachEntry(
    _ space: SpaceID, _ body: (Position, LogEntry) throws -> Void
  ) throws {
    let number = try storedNumber(space)
    var after = Position.zero
    while true {
      let entries = try log.entries(space: number, after: after, byteCountMax: 1 << 20)
      if entries.isEmpty { return }
      for entry in entries {
        after = after.next
        try body(after, entry)
      }
      guard try log.entry(space: number, at: after) == entries.last else {
        throw StateError.damaged
      }
    }
  }
}
