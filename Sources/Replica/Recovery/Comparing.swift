import CBOR
import Merge
import Signing
import SpaceStore
import SyncProtocol

/// What a device does about a server that was restored from a backup (design §6): it sets its own logs
/// back to where the server's still agree, and hands back what it holds from after that.
extension Replica {
  /// After the server has told its incarnation: another one than the last time means that it was
  /// restored, or that its process ended badly.
  func followRestore(
    _ info: ServerInfo, _ connection: Connection, _ report: inout SyncReport
  ) throws {
    if info.incarnation != (try settings.number(.incarnation) ?? 0) {
      try compareLogs(connection, &report)
      try settings.set(.feed, number: 0)
      try settings.set(.incarnation, number: info.incarnation)
    } else if try holdsLostPages() {
      try handBackPages(connection, &report)
    }
    try resendChainWraps(connection, &report)
  }

  /// Asks of every space whether the server's log still has what was signed, sets back those where it
  /// does not, and hands back what was lost. Can be cut off anywhere and repeated.
  func compareLogs(_ connection: Connection, _ report: inout SyncReport) throws {
    connection.hasCompared = true
    // What the server accepted and has not told in its log yet may be lost: it is sent again, as it was.
    // So is what it was told of spaces that were left.
    try database.run("UPDATE outbox SET accepted = NULL")
    try database.run("UPDATE left_space SET reported = 0")
    try queueUnsentObjects()
    try handBackChains(connection, &report)
    try settings.set(.resendingChainWraps, number: 1)
    try resendChainWraps(connection, &report)
    try compareSpaces(connection, &report)
    try handBackPages(connection, &report)
    // Nothing more is here: chains that wait for this device may go on.
    _ = try connection.call(Path.heads, HeadsRequest(standings: []), HeadsResponse.self)
  }

  /// On a device that was taken out: keeps aside what a restored server has lost, before all else goes.
  /// Later nobody may have it any more.
  ///
  /// - Throws: where the server is out of reach or its disk is full: then nothing goes before the next
  ///   contact. A server that lies has no use of that: it would not tell that the device was taken out.
  func setBackLast(
    _ info: ServerInfo, _ connection: Connection, _ report: inout SyncReport
  ) throws {
    guard info.incarnation != (try settings.number(.incarnation) ?? 0) else { return }
    do {
      try database.run("UPDATE outbox SET accepted = NULL")
      try compareSpaces(connection, &report)
    } catch let error as ReplicaError {
      switch error {
      case .notReachable, .server(.storageFull): throw error
      default: report.problems.append("comparing logs: \(error.explanation)")
      }
    }
  }

  /// Hands back what such a device kept aside: sealed for others, and for itself without its keys.
  func handBackLast(_ connection: Connection, _ report: inout SyncReport) throws {
    for chain in try chains.references() {
      // It may not ask any more how much the server knows.
      do { try handBack(chain, from: 0, connection) } catch ReplicaError.server { continue }
    }
    do {
      try handBackPages(connection, &report)
    } catch ReplicaError.server(let code) {
      report.problems.append("handing back: \(code.title)")
    }
  }

  private func compareSpaces(_ connection: Connection, _ report: inout SyncReport) throws {
    let standings = try standings()
    for start in stride(from: 0, to: standings.count, by: HeadsRequest.headCountMax) {
      let end = min(start + HeadsRequest.headCountMax, standings.count)
      let asked = Array(standings[start..<end])
      let answer = try connection.call(
        Path.heads, HeadsRequest(standings: asked), HeadsResponse.self)
      // Assignments first: what engagements rest on is found again before they are set back.
      for base in try answer.bases.sorted(by: isSooner) {
        guard let standing = asked.first(where: { $0.head.head.space == base.head.space }) else {
          throw ReplicaError.dishonest("the server speaks of a space that was not asked for")
        }
        do {
          try setBack(to: base, from: standing.head)
        } catch let error as ReplicaError {
          // A log that could not be set back for want of room would look like one that was withheld.
          guard case .dishonest = error else { throw error }
          try report.keep(error, while: "setting a log back")
        }
      }
    }
  }

  private func isSooner(_ left: SignedLogHead, _ right: SignedLogHead) throws -> Bool {
    let rank = { (space: SpaceID) in try self.store.state(space).kind == .assignment ? 0 : 1 }
    let (l, r) = (left.head.space, right.head.space)
    return (try rank(l), l) < (try rank(r), r)
  }

  /// The last signed head of every space that this device stands in.
  private func standings() throws -> [HeadsRequest.Standing] {
    var result: [HeadsRequest.Standing] = []
    for space in try store.spaceIDs() where try !hasLeft(space) {
      let state = try store.state(space)
      guard let proof = try proof(of: space, at: state.position) else { continue }
      let past = state.past.filter { $0.parent == nil }
        .map { LogPlace(incarnation: $0.number, position: $0.base) }
      result.append(HeadsRequest.Standing(head: proof.head, past: past.suffix(1024)))
    }
    return result
  }

  // MARK: Proofs

  /// Keeps of a page what proves that the server signed it: the entries themselves are in the log.
  func keepProof(of page: LogPage) throws {
    guard !page.entries.isEmpty else { return }
    let proof = LogPage(
      after: page.after, entries: [], tails: page.tails, head: page.head, last: page.last)
    try keep(proof)
  }

  private func keep(_ proof: LogPage) throws {
    let head = proof.head.head
    try database.run(
      "INSERT OR REPLACE INTO page_proof VALUES (?, ?, ?)",
      .integer(try store.number(of: head.space)), .integer(Int64(head.position.rawValue)),
      .blob(proof.encoded))
  }

  private func proof(of space: SpaceID, at position: Position) throws -> LogPage? {
    try database.first(
      "SELECT page FROM page_proof WHERE space = ? AND position = ?",
      .integer(try store.number(of: space)), .integer(Int64(position.rawValue))
    ) { try LogPage(decoding: $0.blob(0)) }
  }

  private func proofs(of number: Int64, after position: Position) throws -> [LogPage] {
    try database.rows(
      "SELECT page FROM page_proof WHERE space = ? AND position > ? ORDER BY position",
      .integer(number), .integer(Int64(position.rawValue))
    ) { try LogPage(decoding: $0.blob(0)) }
  }

  // MARK: Setting back

  /// Sets a space back to where the server's log and this one part. What stood after it is kept whole,
  /// to be handed back; what the server had accepted and had not come back yet is unsent again.
  private func setBack(to base: SignedLogHead, from last: SignedLogHead) throws {
    let space = base.head.space
    let state = try store.state(space)
    guard base.isSigned(by: identity.certificate.log), base.head.position <= state.position,
      try store.head(space, at: base.head.position) == base.head
    else {
      let isProof =
        base.head.incarnation == last.head.incarnation && base.head.position == last.head.position
      try keepEvidence(
        isProof ? .heads(last, base) : .other(pair(last, base)),
        kind: isProof ? "fork: two heads" : "fork", space: space)
      try markForked(space)
      throw ReplicaError.dishonest("the server has another history of a space")
    }
    guard base.head.position < state.position else { return }
    let number = try store.number(of: space)
    try transaction {
      try keepEvidence(.other(pair(last, base)), kind: "restored", space: space)
      try keepLostPages(of: space, number, after: base.head)
      try rewind(space, number, to: base)
      try showUnsent(number)
      try settings.set(.resending, number: 1)
    }
  }

  /// What is known of the part of the log that was lost says nothing about the one that follows.
  private func rewind(_ space: SpaceID, _ number: Int64, to base: SignedLogHead) throws {
    var last = base.head.position
    let epochs = try store.state(space).epochs
    try store.rebuild(space, source: chains, upTo: last)
    // Where what overwrote a stub's values was lost, the backup may have them: its commit is pulled anew.
    while let stub = try store.stubKeys.positions(space: number).first {
      last = Position(stub.rawValue - 1)
      try store.rebuild(space, source: chains, upTo: last)
    }
    try keepLostEpochs(epochs.filter { $0.made > last }, number)
    for table in ["held_up", "seen_ahead", "forked_space", "signed_head"] {
      try database.run("DELETE FROM \(table) WHERE space = ?", .integer(number))
    }
    try database.run(
      "DELETE FROM page_proof WHERE space = ? AND position > ?", .integer(number),
      .integer(Int64(last.rawValue)))
    guard last == base.head.position, last > .zero else { return }
    try database.run(
      "INSERT INTO signed_head VALUES (?, ?)", .integer(number), .blob(base.encoded))
    try keep(LogPage(after: last, entries: [], tails: [], head: base, last: last))
  }

  private func pair(_ last: SignedLogHead, _ base: SignedLogHead) -> [UInt8] {
    var writer = CBORWriter()
    writer.array(count: 2)
    writer.object(last)
    writer.object(base)
    return writer.bytes
  }

  /// The rows were made again without what is unsent.
  private func showUnsent(_ number: Int64) throws {
    for entry in try outbox(space: number) {
      let commit = try entry.commit()
      let stamp = try pendingStamp(commit.header, sequence: entry.sequence, space: number)
      for change in commit.changes {
        try store.tables.applyOverlay(change, stamp, space: number)
      }
    }
  }

  private func keepLostPages(of space: SpaceID, _ number: Int64, after base: LogHead) throws {
    var head = base
    for proof in try proofs(of: number, after: base.position) {
      let end = proof.head.head.position
      // A page of the log on which the server began anew may reach over the base.
      let entries = try store.log.entries(space: number, from: head.position, upTo: end)
      guard proof.after <= head.position,
        UInt64(entries.count) == end.rawValue - head.position.rawValue
      else { throw ReplicaError.homeDamaged("log") }
      let page = LogPage(
        after: head.position, entries: entries, tails: proof.tails, head: proof.head, last: end)
      try database.run(
        "INSERT INTO lost_page (space, request) VALUES (?, ?)", .integer(number),
        .blob(RecoverRequest(incarnation: head.incarnation, page: page).encoded))
      head = proof.head.head
    }
  }
}
