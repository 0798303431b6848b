import Database
import Merge
import Signing
import SyncProtocol

/// The journals that this home writes, one a space, kept when a space is purged.
extension Replica {
  /// The replica that this home is in a space: the one it was made as, or another where it has met a
  /// second home under its journal there (``goOnAsAnother(in:number:)``).
  package func journalReplica(space: Int64) throws -> ReplicaID {
    if let known = journalReplicas[space] { return known }
    let home = try database.first(
      "SELECT home FROM own_journal WHERE space = ?", .integer(space)
    ) { UInt64(bitPattern: $0.integer(0)) }
    let replica = ReplicaID(device: identity.device, home: home ?? identity.replica.home)
    journalReplicas[space] = replica
    return replica
  }

  /// How far the own journal of a space goes.
  func ownJournal(space: Int64) throws -> JournalPoint {
    try database.first(
      "SELECT sequence, hash FROM own_journal WHERE space = ?", .integer(space)
    ) { row in
      guard let hash = Digest(row.blob(1)) else { throw ReplicaError.homeDamaged("journal") }
      return JournalPoint(sequence: try Self.count(row.integer(0)), hash: hash)
    } ?? .start
  }

  func setOwnJournal(space: Int64, _ point: JournalPoint) throws {
    try setOwnJournal(space: space, as: journalReplica(space: space), point)
  }

  /// From here on the home writes in the space as this replica.
  func setOwnJournal(space: Int64, as replica: ReplicaID, _ point: JournalPoint) throws {
    try database.run(
      "INSERT OR REPLACE INTO own_journal VALUES (?, ?, ?, ?)", .integer(space),
      .integer(Int64(bitPattern: replica.home)), .integer(Int64(point.sequence)),
      .blob(point.hash.bytes))
    // What is unsent there counts as written by this one now.
    if journalReplicas[space] != replica { store.log.forgetAuthorships() }
    journalReplicas[space] = replica
  }

  /// Where an own commit was first written.
  func origin(of header: CommitHeader, sequence: UInt64, space: Int64) throws -> Origin {
    if let origin = header.origin { return origin }
    return Origin(replica: try journalReplica(space: space), sequence: sequence)
  }
}
