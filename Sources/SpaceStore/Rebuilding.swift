import Database
import Merge
import Signing
import SyncProtocol

extension SpaceStore {
  /// Entries read at once.
  private static var rebuildByteCount: Int { 1 << 20 }

  /// Takes a space back to a position: what stands after it leaves the log, and state and rows are
  /// made again from what is before. Own unsent commits are no longer shown; apply them again.
  ///
  /// Nothing is judged: what stands in the log was judged when it came in.
  ///
  /// - Throws: `FactError` where an entry rests on what is not there.
  public func rebuild(
    _ space: SpaceID, upTo last: Position, source: some AuthoritySource
  ) throws {
    var entry = try entry(space)
    precondition(last <= entry.state.position, "a space is taken back, not forward")
    try log.drop(space: entry.number, after: last)
    try tables.purge(space: entry.number)
    entry.state = SpaceState(id: space, server: server)
    entry.head = .start(of: space)
    let resolver = FactResolver(space: space, source: source)
    try eachEntry(entry.number, upTo: last) { logEntry, point in
      let fact = try resolver.fact(logEntry)
      entry.state.apply(fact)
      entry.head = entry.head.next(logEntry, at: point)
      _ = try apply(fact, entry.state, space: entry.number)
    }
    try save(entry, space)
  }

  /// The head at a position that the log still has, worked out from its entries where it was not kept.
  public func head(_ space: SpaceID, at position: Position) throws -> LogHead {
    let entry = try entry(space)
    precondition(position <= entry.state.position, "the log has not come there yet")
    if position == entry.state.position { return entry.head }
    if let hash = try log.headHash(space: entry.number, at: position) {
      return LogHead(
        space: space, incarnation: entry.state.incarnation(at: position), position: position,
        hash: hash)
    }
    var head = LogHead.start(of: space)
    try eachEntry(entry.number, upTo: position) { logEntry, point in
      head = head.next(logEntry, at: point)
    }
    return head
  }

  private func eachEntry(
    _ space: Int64, upTo last: Position, _ body: (LogEntry, JournalPoint?) throws -> Void
  ) throws {
    var position = Position.zero
    while position < last {
      let entries = try log.entries(
        space: space, after: position, byteCountMax: Self.rebuildByteCount)
      guard !entries.isEmpty else { throw StateError.damaged }
      for entry in entries where position < last {
        position = position.next
        let point = entry.journalOrigin == nil ? nil : try log.point(space: space, at: position)
        try body(entry, point)
      }
    }
  }
}
