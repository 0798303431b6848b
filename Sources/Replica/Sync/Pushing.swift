import Merge
import Signing
import SpaceStore
import SyncProtocol

extension Replica {
  /// Bytes of commits in one push.
  private static var pushByteCountMax: Int { 4 << 20 }

  /// Sends the unsent commits of every space.
  func pushAll(
    _ connection: Connection, _ report: inout SyncReport, onBytes: ByteProgress = { _, _ in }
  ) throws {
    for space in try spacesWithUnsent() where try !isForked(space) {
      do {
        try push(space, connection, &report, onBytes)
      } catch let error as ReplicaError {
        try report.keep(error, while: "sending")
      }
    }
  }

  /// In the order in which the spaces were met.
  private func spacesWithUnsent() throws -> [SpaceID] {
    try database.rows(
      "SELECT id FROM space WHERE number IN "
        + "(SELECT space FROM outbox WHERE accepted IS NULL) ORDER BY number"
    ) { row in
      guard let space = SpaceID(row.blob(0)) else { throw ReplicaError.homeDamaged("space") }
      return space
    }
  }

  private func push(
    _ space: SpaceID, _ connection: Connection, _ report: inout SyncReport,
    _ onBytes: ByteProgress
  ) throws {
    try uploadObjects(connection, for: space, onBytes: onBytes)
    let number = try store.number(of: space)
    var hasMetAnother = false
    // Every round gives verdicts to some, or ends; re-issues come in behind.
    while let segment = try nextSegment(space, number) {
      let response: PushResponse
      do {
        response = try connection.call(
          Path.push, PushRequest(space: space, items: [.segment(segment)]))
      } catch ReplicaError.server(.journalForked) where !hasMetAnother {
        hasMetAnother = true
        try meetAnotherHome(space, number, connection, &report)
        continue
      } catch ReplicaError.server(.replicaRetired) where !hasMetAnother {
        hasMetAnother = true
        try comeBack(to: space, number, connection, &report)
        continue
      } catch ReplicaError.server(.historyForked) {
        // What it has instead comes with the next page, and with it the evidence.
        try markForked(space)
        throw ReplicaError.dishonest("the server has another history of a space than it has shown")
      }
      guard response.verdicts.count <= segment.commits.count else {
        throw ReplicaError.dishonest("more verdicts than commits")
      }
      try take(response.verdicts, of: segment, space, number, &report)
      if response.verdicts.contains(.deferred(.gap)), !hasMetAnother {
        hasMetAnother = connection.hasCompared
        if try closeGap(space, number, connection, &report) { continue }
      }
      let isDeferred = response.verdicts.contains { if case .deferred = $0 { true } else { false } }
      if isDeferred || response.verdicts.isEmpty { return }
    }
  }

  /// The server has lost what this journal rests on. Most of it can be handed back; a refusal that came
  /// only as a verdict cannot, and then the home goes on as another replica.
  ///
  /// - Returns: whether there is another way to send.
  private func closeGap(
    _ space: SpaceID, _ number: Int64, _ connection: Connection, _ report: inout SyncReport
  ) throws -> Bool {
    if !connection.hasCompared {
      try compareLogs(connection, &report)
      return true
    }
    guard try !holdsLostPages(of: number) else { return false }
    try transaction { try goOnAsAnother(in: space, number: number) }
    report.deferred.remove(.gap)
    return true
  }

  /// The server knows other commits under this home's numbers: those come first, and where they do
  /// not stand in the log yet, the home goes on as another replica all the same.
  private func meetAnotherHome(
    _ space: SpaceID, _ number: Int64, _ connection: Connection, _ report: inout SyncReport
  ) throws {
    let before = try journalReplica(space: number)
    try pullOwn(space, connection, &report)
    guard try journalReplica(space: number) == before else { return }
    try transaction { try goOnAsAnother(in: space, number: number) }
  }

  /// This home was away for so long that nobody waits for it any more. What the log has of its journal
  /// comes first; then it goes on as another replica. No second home competes: contexts *and* origins
  /// stay as they are.
  private func comeBack(
    to space: SpaceID, _ number: Int64, _ connection: Connection, _ report: inout SyncReport
  ) throws {
    try pullOwn(space, connection, &report)
    try transaction { try goOnAsAnother(in: space, number: number, keepsOrigins: true) }
  }

  /// Pulls what the log has of the own journal. A restored server may have less of a space than was there
  /// when it was left, and then it has nothing that is needed.
  private func pullOwn(
    _ space: SpaceID, _ connection: Connection, _ report: inout SyncReport
  ) throws {
    let isLeft = try hasLeft(space)
    do {
      try pull(space, connection, &report)
    } catch ReplicaError.server(.notFound) where isLeft {
      return
    }
  }

  /// The longest run of unsent commits that fits a push, under one signature.
  private func nextSegment(_ space: SpaceID, _ number: Int64) throws -> JournalSegment? {
    let waiting = try staleSequences(space: number)
    let unsent = try outbox(space: number).filter {
      $0.accepted == nil && !waiting.contains($0.sequence)
    }
    guard let first = unsent.first else { return nil }
    var commits: [EncodedCommit] = []
    var last = first
    var byteCount = 0
    for entry in unsent where commits.count < JournalSegment.commitCountMax {
      byteCount += entry.encoded.byteCount
      let isNext = commits.isEmpty || entry.sequence == last.sequence + 1
      guard isNext, commits.isEmpty || byteCount <= Self.pushByteCountMax else { break }
      commits.append(entry.encoded)
      last = entry
    }
    let replica = try journalReplica(space: number)
    let head = try store.head(space)
    let seen = SeenHeads(
      account: try ownChain().head, incarnation: head.incarnation, position: head.position,
      head: head.hash, schema: schemaHash)
    let signature = JournalSignature(
      space: space, replica: replica,
      point: JournalPoint(sequence: last.sequence, hash: last.hash), seen: seen,
      key: try unlockedKeys().identity())
    return JournalSegment(
      replica: replica,
      after: JournalPoint(sequence: first.sequence - 1, hash: first.previous), commits: commits,
      signature: signature)
  }

  private func take(
    _ verdicts: [PushVerdict], of segment: JournalSegment, _ space: SpaceID, _ number: Int64,
    _ report: inout SyncReport
  ) throws {
    try transaction {
      for (index, verdict) in verdicts.enumerated() {
        let sequence = segment.after.sequence + 1 + UInt64(index)
        switch verdict {
        case .accepted(let position):
          try noteAccepted(space: number, sequence: sequence, at: position)
          report.acceptedCount += 1
        case .deferred(let deferral):
          report.deferred.insert(deferral)
          // It was sent before: a restored server has lost it.
          if deferral == .objectMissing { try settings.set(.resending, number: 1) }
        case .refused(_, let refusal):
          let isFinal = try takeRefusal(
            refusal, space: space, number: number, sequence: sequence)
          if isFinal { report.refused.append(SyncReport.Refused(space: space, refusal: refusal)) }
        }
      }
      if try hasLeft(space) { try settleAccepted(space: number) }
    }
  }
}
