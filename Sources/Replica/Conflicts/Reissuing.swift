import Database
import Merge
import SpaceStore
import SyncProtocol

/// A refused commit, as it lies under `rejected`.
private struct RejectedCommit {
  let number: Int64
  let journal: Origin
  let commit: Commit
  let refusal: Refusal
  let privateCopy: [UInt8]

  /// Where it was first written.
  var first: Origin { commit.header.origin ?? journal }
}

extension Replica {
  /// Writes a refused commit anew: with its own context and origin, at its own time unless that was the
  /// reason, sealed again if its epoch is no longer in use, and without what this device has written
  /// over since. It is no longer under `rejected` then.
  ///
  /// - Parameter force: also where the server would refuse it again for what is known now.
  /// - Throws: ``ReplicaError/notFound(_:)``, ``ReplicaError/badInput(_:)`` where nothing is left of it or it
  ///   names a file's bytes, ``ReplicaError/refused(_:)``, ``ReplicaError/notReady(_:)`` without a key.
  public func reissueRejectedWrite(_ number: Int64, force: Bool = false) throws {
    let space = try rejectedWrite(number).space
    guard try !hasLeft(space) else {
      throw ReplicaError.badInput("this device has left the space that it was written in")
    }
    try transaction {
      let rejected = try rejectedCommit(number)
      let spaceNumber = try store.number(of: space)
      let changes = try changesLeft(of: rejected, in: space, spaceNumber)
      let replica = try journalReplica(space: spaceNumber)
      let header = CommitHeader(
        time: try timeAnew(rejected), context: rejected.commit.header.context,
        // As in a copied home: another replica's origin is not this one's to use.
        origin: rejected.first.replica == replica ? rejected.first : nil)
      let commit = Commit(header: header, changes: changes)
      let point = try ownJournal(space: spaceNumber)
      if !force {
        try expectAccepted(
          commit, Origin(replica: replica, sequence: point.sequence + 1), in: space)
      }
      try enqueue(
        EncodedCommit(commit), commit, after: point, space: space, number: spaceNumber,
        privateCopy: rejected.privateCopy)
      try database.run("DELETE FROM rejected WHERE number = ?", .integer(number))
    }
  }

  private func rejectedCommit(_ number: Int64) throws -> RejectedCommit {
    let found = try database.first(
      "SELECT home, sequence, body, refusal, private FROM rejected WHERE number = ?",
      .integer(number)
    ) { row in
      RejectedCommit(
        number: number,
        journal: Origin(
          replica: ReplicaID(
            device: identity.device, home: UInt64(bitPattern: row.integer(0))),
          sequence: UInt64(row.integer(1))),
        commit: try EncodedCommit(decoding: row.blob(2)).decoded(),
        refusal: try Refusal(decoding: row.blob(3)), privateCopy: row.blob(4))
    }
    guard let found else { throw ReplicaError.notFound("refused write \(number)") }
    return found
  }

  /// A clock that was ahead is the one thing of a commit's header that is not kept.
  private func timeAnew(_ rejected: RejectedCommit) throws -> HybridTime {
    rejected.refusal.code == .clockAhead ? try tickAgain() : rejected.commit.header.time
  }

  private func changesLeft(
    of rejected: RejectedCommit, in space: SpaceID, _ number: Int64
  ) throws -> [RecordChange] {
    // Their bytes or keys may be gone from server and device, and a commit that names what is missing
    // holds up all that comes after it.
    if let change = rejected.commit.changes.first(where: Self.namesBytes) {
      throw ReplicaError.badInput(
        "a \(change.type) is made anew by adding or sharing the file again")
    }
    let since = try writtenSince(rejected, number)
    let changes = rejected.commit.changes.compactMap { Self.without(since, $0) }
    guard !changes.isEmpty else {
      throw ReplicaError.badInput(
        "nothing is left to write: you have written over all of it since")
    }
    guard try isStale(changes, in: space) else { return changes }
    return try resealed(openPrivateCopy(rejected.privateCopy), as: changes, in: space)
  }

  private static func namesBytes(_ change: RecordChange) -> Bool {
    change.type == "version" || change.type == "share" && change.operation == .create
  }

  /// What this device wrote after it: in the log by now, or still unsent.
  private func writtenSince(_ rejected: RejectedCommit, _ number: Int64) throws -> Since {
    var since = Since()
    try database.each(
      "SELECT replica.id, log.sequence, log.entry FROM log "
        + "JOIN replica ON replica.number = log.replica "
        + "WHERE log.space = ? AND substr(replica.id, 1, ?) = ? ORDER BY log.position",
      .integer(number), .integer(Int64(DeviceID.byteCount)), .blob(identity.device.bytes)
    ) { row in
      guard case .commit(let origin, let encoded) = try LogEntry(decoding: row.blob(2)).content
      else {
        return
      }
      let commit = try encoded.decoded()
      if Self.isLater(commit.header, origin, than: rejected) {
        since.take(commit, after: rejected.first)
      }
    }
    for entry in try outbox(space: number) {
      let commit = try entry.commit()
      let origin = Origin(
        replica: try journalReplica(space: number), sequence: entry.sequence)
      if Self.isLater(commit.header, origin, than: rejected) {
        since.take(commit, after: rejected.first)
      }
    }
    return since
  }

  /// Within one replica the place in the journal tells, else the clock.
  private static func isLater(
    _ header: CommitHeader, _ journal: Origin, than rejected: RejectedCommit
  ) -> Bool {
    let first = header.origin ?? journal
    if first.replica == rejected.first.replica {
      return first.sequence > rejected.first.sequence
    }
    return header.time > rejected.commit.header.time
  }
}
