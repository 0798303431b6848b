import Database
import Merge
import Signing
import SpaceStore
import SyncProtocol

/// Makes anew what a check found wrong and what something else tells. Never touches unsent commits.
struct Repair {
  let replica: Replica
  /// `nil` without a server: what has to be fetched stays as it is.
  let connection: Connection?

  /// - Returns: what was done, in words.
  func run(_ report: CheckReport, _ damage: ObjectCheck.Damage) throws -> [String] {
    var done = try ObjectCheck(replica: replica).discard(damage)
    if report.problems.contains(where: { $0.part == .chains }) { done += try refetchChains() }
    for space in try replica.store.spaceIDs() {
      let problems = report.problems.filter { $0.space == space }
      if problems.contains(where: { $0.remedy == .refetch }) {
        done += try attempt("space \(space.hex.prefix(8))") { try refetch(space, $0) }
      } else if problems.contains(where: { $0.remedy == .rebuild && $0.part != .ownJournals }) {
        try rebuild(space)
        done.append("made space \(space.hex.prefix(8)) anew from its log")
      }
      if problems.contains(where: { $0.part == .ownJournals && $0.remedy == .rebuild }) {
        try replica.transaction { try outboxCheck(space).repairOwnJournal() }
        done.append("found the end of the own journal in space \(space.hex.prefix(8))")
      }
    }
    return done
  }

  private func outboxCheck(_ space: SpaceID) throws -> OutboxCheck {
    OutboxCheck(
      replica: replica, space: space, number: try replica.store.storedNumber(space))
  }

  /// What cannot be fetched now stays wrong, and is reported again.
  private func attempt(_ what: String, _ body: (Connection) throws -> Void) throws -> [String] {
    guard let connection else { return [] }
    do {
      try body(connection)
      return ["fetched \(what) again"]
    } catch let error as SQLError {
      throw error
    } catch let error as ReplicaError {
      return ["could not fetch \(what) again: \(error.explanation)"]
    } catch {
      return ["could not fetch \(what) again: \(error)"]
    }
  }

  // MARK: Rows

  private func rebuild(_ space: SpaceID) throws {
    try replica.transaction {
      try replica.store.rebuild(space, source: replica.chains)
      try showUnsent(of: space)
    }
  }

  /// Files what is unsent anew, and puts it over the accepted rows.
  private func showUnsent(of space: SpaceID) throws {
    let number = try replica.store.storedNumber(space)
    let database = replica.database
    try database.run("DELETE FROM outbox_row WHERE space = ?", .integer(number))
    for entry in try replica.outbox(space: number) {
      let commit = try entry.commit()
      try database.run(
        "UPDATE outbox SET time = ?, origin = ? WHERE space = ? AND sequence = ?",
        .integer(Int64(bitPattern: commit.header.time.rawValue)),
        commit.header.origin.map { .blob($0.packed) } ?? .null, .integer(number),
        .integer(Int64(entry.sequence)))
      replica.store.log.forgetAuthorships()
      try replica.show(commit, sequence: entry.sequence, space: number)
    }
  }

  // MARK: Fetching again

  /// Drops a space's log and pulls it from its first entry, all of it or nothing.
  ///
  /// - Throws: ``ReplicaError/dishonest(_:)`` where the server's log is another one than this home has
  ///   seen.
  private func refetch(_ space: SpaceID, _ connection: Connection) throws {
    let store = replica.store
    let number = try store.storedNumber(space)
    let last = try lastPosition(number)
    let known = try knownHashes(space, number, at: last)
    do {
      try replica.transaction {
        try store.empty(space)
        try replica.database.run("DELETE FROM outbox_row WHERE space = ?", .integer(number))
        var report = SyncReport()
        try replica.pull(space, connection, &report)
        guard let hash = try store.rollingHead(of: space, at: last)?.hash, known.contains(hash)
        else {
          throw ReplicaError.dishonest("the server shows another log than before")
        }
        try showUnsent(of: space)
      }
    } catch ReplicaError.dishonest(let what) {
      try replica.keepEvidence(.other(Array(what.utf8)), kind: "refetch", space: space)
      throw ReplicaError.dishonest(what)
    }
  }

  private func lastPosition(_ number: Int64) throws -> Position {
    let last = try replica.database.first(
      "SELECT COALESCE(MAX(position), 0) FROM log WHERE space = ?", .integer(number)
    ) { $0.integer(0) }
    return Position(try Replica.count(last ?? 0))
  }

  /// What the log may hash to: the head that was stored, or, where it is the head that was damaged,
  /// what the entries say.
  private func knownHashes(
    _ space: SpaceID, _ number: Int64, at last: Position
  ) throws -> Set<Digest> {
    var known: Set<Digest> = []
    let stored = try replica.database.first(
      "SELECT head FROM space WHERE number = ?", .integer(number)
    ) { Digest($0.blob(0)) }
    if case let hash?? = stored { known.insert(hash) }
    do {
      if let hash = try replica.store.rollingHead(of: space, at: last)?.hash { known.insert(hash) }
    } catch is WireError {
      // An entry that cannot be read says nothing.
    } catch is StateError {
      // Nor does a log with a gap.
    }
    return known
  }

  private func refetchChains() throws -> [String] {
    var done: [String] = []
    for reference in try replica.chains.references() {
      do {
        try replica.chains.verify(reference)
        continue
      } catch let error as SQLError {
        throw error
      } catch {
        done += try attempt("a chain") { connection in
          let length = try replica.chains.length(reference)
          try replica.transaction {
            try replica.chains.drop(reference)
            try replica.fetchChain(reference, connection)
            guard try replica.chains.length(reference) >= length else {
              throw ReplicaError.dishonest("a chain was rolled back")
            }
          }
        }
      }
    }
    replica.chains.forget()
    return done
  }
}
