import Database
import Merge
import Signing
import SpaceStore
import SyncProtocol

/// Commits that were signed and sent, and deferred: known by their hashes only.
///
/// A signature over a segment vouches for the accepted commits in it only together with the hashes
/// of the deferred ones after them. And what was once signed is not signed otherwise: another commit
/// under the same number is a fork.
struct PromisedCommits {
  let core: ServerCore
  let space: SpaceID

  func content(of origin: Origin) throws -> Digest? {
    try core.database.first(
      "SELECT content FROM promised_commit WHERE space = ? AND replica = ? AND sequence = ?",
      .blob(space.bytes), .blob(origin.replica.bytes), .integer(Int64(origin.sequence))
    ) { Digest($0.blob(0)) } ?? nil
  }

  func keep(_ commit: EncodedCommit, _ origin: Origin) throws {
    try keep(commit.contentHash, origin)
  }

  func keep(_ content: Digest, _ origin: Origin) throws {
    try core.database.run(
      "INSERT INTO promised_commit VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
      .blob(space.bytes), .blob(origin.replica.bytes), .integer(Int64(origin.sequence)),
      .blob(content.bytes))
  }

  /// It has come into the log.
  func remove(_ origin: Origin) throws {
    try core.database.run(
      "DELETE FROM promised_commit WHERE space = ? AND replica = ? AND sequence = ?",
      .blob(space.bytes), .blob(origin.replica.bytes), .integer(Int64(origin.sequence)))
  }

  /// For each journal in a page: what leads from its last commit there to a signature.
  func tails(of entries: [LogEntry]) throws -> [LogPage.JournalTail] {
    let number = try core.store.number(of: space)
    return try core.store.log.tails(space: number, of: entries).map { tail in
      let logged = try core.store.log.journalPoint(space: number, replica: tail.replica).sequence
      guard tail.signature.sequence > logged else { return tail }
      let promised = try contents(
        tail.replica, after: logged, upTo: tail.signature.sequence)
      return LogPage.JournalTail(
        replica: tail.replica, contentHashes: tail.contentHashes + promised,
        signature: tail.signature)
    }
  }

  func contents(
    _ replica: ReplicaID, after: UInt64, upTo last: UInt64
  ) throws -> [Digest] {
    try core.database.rows(
      "SELECT content FROM promised_commit WHERE space = ? AND replica = ? AND sequence > ? "
        + "AND sequence <= ? ORDER BY sequence",
      .blob(space.bytes), .blob(replica.bytes), .integer(Int64(after)), .integer(Int64(last))
    ) { row in
      guard let digest = Digest(row.blob(0)) else { throw StateError.damaged }
      return digest
    }
  }
}
