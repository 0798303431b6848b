import CBOR
import Database
import Merge
import Signing
import SpaceStore
import SyncProtocol

/// Own commits that were sealed under a key which somebody held who was removed: refused, still shown,
/// and written anew as soon as there is a new epoch (design §7, Epochs).
extension Replica {
  func noteStale(space: Int64, sequence: UInt64) throws {
    try database.run(
      "INSERT OR IGNORE INTO stale_commit VALUES (?, ?)", .integer(space),
      .integer(Int64(sequence)))
  }

  /// In order.
  func staleSequences(space: Int64) throws -> [UInt64] {
    try database.rows(
      "SELECT sequence FROM stale_commit WHERE space = ? ORDER BY sequence", .integer(space)
    ) { UInt64($0.integer(0)) }
  }

  /// Writes anew what waited for a new epoch, where there is one: the same values, context, origin and
  /// time under the new key.
  ///
  /// - Returns: whether anything was written.
  func reissueStale() throws -> Bool {
    var hasWritten = false
    for space in try store.spaceIDs() where try !hasLeft(space) {
      let number = try store.number(of: space)
      let waiting = try staleSequences(space: number)
      guard !waiting.isEmpty, try usableEpoch(of: space) != nil else { continue }
      try transaction {
        for sequence in waiting {
          guard let entry = try outboxEntry(space: number, sequence: sequence) else { continue }
          let commit = try entry.commit()
          try reissue(
            entry, commit, at: commit.header.time, space: space, number: number, reseals: true)
        }
      }
      hasWritten = true
    }
    return hasWritten
  }

  /// A space that is left brings no new epoch: what waits for one is refused for good.
  func rejectStale(in space: Int64) throws {
    for sequence in try staleSequences(space: space) {
      try reject(space: space, sequence: sequence, Refusal(.epochStale))
    }
  }

  /// The plaintext is in the private copy: the old key may be gone.
  func sealAgain(
    _ changes: [RecordChange], of entry: OutboxEntry, in space: SpaceID
  ) throws -> [RecordChange] {
    let draft = try openPrivateCopy(entry.privateCopy)
    let sealer = try sealer(for: space)
    return try changes.map { change in
      let plain = draft.changes.first {
        $0.record == change.record && $0.type == change.type && $0.operation == change.operation
      }
      let writes = try change.writes.map { write in
        guard write.sealed else { return try rewrapped(write, of: change, in: space) }
        if write.value == .null { return write }
        guard let value = plain?.writes.first(where: { $0.key == write.key })?.value else {
          throw ReplicaError.homeDamaged("private copy")
        }
        let sealed = try sealer.seal(
          value, type: change.type, record: change.record, key: write.key)
        return FieldWrite(key: write.key, value: sealed, sealed: true)
      }
      return RecordChange(
        type: change.type, record: change.record, operation: change.operation, writes: writes)
    }
  }

  /// A version's file key is wrapped under the vault's epoch as well. Its blobs may have been collected
  /// at the server meanwhile: they are offered again.
  private func rewrapped(
    _ write: FieldWrite, of change: RecordChange, in space: SpaceID
  ) throws -> FieldWrite {
    guard change.type == "version" else { return write }
    if write.key == "blobs" {
      for hash in (write.value.array ?? []).compactMap({ $0.bytes.flatMap { Digest($0) } }) {
        try keepForUpload(hash, of: space)
      }
    }
    guard write.key == "wrap", let hash = write.value.bytes.flatMap({ Digest($0) }),
      let file = change.writes.first(where: { $0.key == "file" })?.value.bytes
        .flatMap({ RecordID($0) })
    else { return write }
    let anew = try wrapAgain(hash, vault: space, file: file, version: change.record)
    return FieldWrite(key: write.key, value: .bytes(anew.bytes))
  }
}
