import Database
import Merge
import Signing
import SpaceStore
import SyncProtocol

/// A device judges refusals as it judges what was accepted. A wrong one is kept as evidence, and its
/// author is told; the log goes on with it (decision 0018).
extension Replica {
  /// A refusal for which the log gives no reason, or which the server has not told its author.
  struct UnfoundedRefusal: Hashable {
    enum Fault {
      case withoutReason
      /// The answer to the author's push was another one than the log has.
      case otherThanAnswered
    }

    let origin: Origin
    let refusal: Refusal
    let isOwn: Bool
    var fault = Fault.withoutReason

    var evidenceKind: String {
      switch fault {
      case .withoutReason: "refused without reason: \(refusal.code)"
      case .otherThanAnswered: "verdict other than in the log: \(refusal.code)"
      }
    }

    var explanation: String {
      let whose = isOwn ? "a change of yours" : "somebody's change"
      let says = "(it says: \(refusal.explanation))"
      switch fault {
      case .withoutReason: return "the server refused \(whose) without reason \(says)"
      case .otherThanAnswered:
        return "the server told you another verdict than stands in the log \(says)"
      }
    }
  }

  /// What is wrong with the next entry of a log, if it is a refusal.
  ///
  /// Called before the entry is appended: it is judged by the log before it.
  func doubt(
    about entry: LogEntry, _ point: JournalPoint?, space: SpaceID, number: Int64
  ) throws -> UnfoundedRefusal? {
    guard let origin = entry.journalOrigin, let logged = entry.commit else { return nil }
    try noteRestriction(logged, origin, number)
    // What came back to a restored server was judged when it first came: the server has forgotten
    // what it answered, and why.
    if case .recovered = entry { return nil }
    guard case .refusal(_, _, let refusal) = entry else {
      return try answeredRefusal(of: logged, origin, number)
    }
    if try wasAnsweredAccepted(origin, point, number) {
      return UnfoundedRefusal(
        origin: origin, refusal: refusal, isOwn: true, fault: .otherThanAnswered)
    }
    let own = try point.flatMap { try ownCommit(at: $0, origin, number) }
    switch try store.find(refusal, of: own ?? logged, by: origin, in: space) {
    case .founded, .unverifiable: return nil
    case .awaitsRestriction:
      try database.run(
        "INSERT OR IGNORE INTO held_up VALUES (?, ?, ?)", .integer(number),
        .blob(origin.replica.bytes), .integer(Int64(origin.sequence)))
      return nil
    case .unfounded:
      return UnfoundedRefusal(
        origin: origin, refusal: refusal, isOwn: origin.replica.device == identity.device)
    }
  }

  /// What the author was told of a commit that the log has as accepted, where that was a no. It is not
  /// under `rejected` any more then.
  private func answeredRefusal(
    of commit: EncodedCommit, _ origin: Origin, _ number: Int64
  ) throws -> UnfoundedRefusal? {
    guard origin.replica.device == identity.device else { return nil }
    let found = try database.first(
      "SELECT number, refusal, body FROM rejected WHERE space = ? AND home = ? AND sequence = ?",
      .integer(number), .integer(Int64(bitPattern: origin.replica.home)),
      .integer(Int64(origin.sequence))
    ) {
      ($0.integer(0), try Refusal(decoding: $0.blob(1)), try EncodedCommit(decoding: $0.blob(2)))
    }
    guard let (row, refusal, kept) = found, kept.contentHash == commit.contentHash else {
      return nil
    }
    try database.run("DELETE FROM rejected WHERE number = ?", .integer(row))
    return UnfoundedRefusal(
      origin: origin, refusal: refusal, isOwn: true, fault: .otherThanAnswered)
  }

  private func wasAnsweredAccepted(
    _ origin: Origin, _ point: JournalPoint?, _ number: Int64
  ) throws -> Bool {
    guard try origin.replica == journalReplica(space: number),
      let entry = try outboxEntry(space: number, sequence: origin.sequence)
    else { return false }
    return entry.accepted != nil && entry.hash == point?.hash
  }

  /// The own commit at a point, whole: only its author can judge what rests on sealed values.
  private func ownCommit(
    at point: JournalPoint, _ origin: Origin, _ number: Int64
  ) throws -> EncodedCommit? {
    guard origin.replica.device == identity.device else { return nil }
    if try origin.replica == journalReplica(space: number),
      let entry = try outboxEntry(space: number, sequence: origin.sequence)
    {
      return entry.hash == point.hash ? entry.encoded : nil
    }
    return try database.first(
      "SELECT body FROM rejected WHERE space = ? AND home = ? AND sequence = ?", .integer(number),
      .integer(Int64(bitPattern: origin.replica.home)), .integer(Int64(origin.sequence))
    ) { try EncodedCommit(decoding: $0.blob(0)) }
  }

  /// The author sees under `rejected` that there was no reason.
  func mark(_ unfounded: UnfoundedRefusal, number: Int64) throws {
    try database.run(
      "UPDATE rejected SET unfounded = 1 WHERE space = ? AND home = ? AND sequence = ?",
      .integer(number), .integer(Int64(bitPattern: unfounded.origin.replica.home)),
      .integer(Int64(unfounded.origin.sequence)))
  }

  // MARK: Held up

  /// Something that takes away stands in the journal: what is said to have held it up did.
  private func noteRestriction(
    _ commit: EncodedCommit, _ origin: Origin, _ number: Int64
  ) throws {
    guard try holdsUpAny(number) else { return }
    do throws(WireError) {
      guard try commit.decoded().isRestricting(in: store.schema) else { return }
    } catch {
      return
    }
    try database.run(
      "DELETE FROM held_up WHERE space = ? AND replica = ? AND sequence < ?", .integer(number),
      .blob(origin.replica.bytes), .integer(Int64(origin.sequence)))
  }

  private func holdsUpAny(_ number: Int64) throws -> Bool {
    try database.first("SELECT 1 FROM held_up WHERE space = ?", .integer(number)) { _ in true }
      ?? false
  }

  /// At the log's end. A push is in the log as a whole, so that what was held up stands there by now.
  func settleHeldUp(_ space: SpaceID, _ report: inout SyncReport) throws {
    let number = try store.number(of: space)
    guard try holdsUpAny(number) else { return }
    let unfounded = try transaction {
      let found = try heldUp(number)
      for refusal in found {
        guard let entry = try store.log.find(space: number, refusal.origin)?.entry else { continue }
        try keepEvidence(.other(entry.encoded), kind: refusal.evidenceKind, space: space)
        try mark(refusal, number: number)
      }
      try database.run("DELETE FROM held_up WHERE space = ?", .integer(number))
      return found
    }
    try tell(unfounded, &report)
  }

  private func heldUp(_ number: Int64) throws -> [UnfoundedRefusal] {
    try database.rows(
      "SELECT replica, sequence FROM held_up WHERE space = ? ORDER BY replica, sequence",
      .integer(number)
    ) { row in
      guard let replica = ReplicaID(row.blob(0)) else { throw ReplicaError.homeDamaged("held_up") }
      return UnfoundedRefusal(
        origin: Origin(replica: replica, sequence: UInt64(row.integer(1))),
        refusal: Refusal(.heldUpRestriction), isOwn: replica.device == identity.device)
    }
  }

  /// Says what was refused without reason; the sync goes on.
  func tell(_ unfounded: [UnfoundedRefusal], _ report: inout SyncReport) throws {
    for refusal in unfounded {
      try report.keep(.dishonest(refusal.explanation), while: "receiving")
    }
  }
}
