import Merge
import Signing
import SpaceStore
import SyncProtocol

extension Replica {
  /// Whether a sealed value of the changes lies under an epoch that acceptance takes no more: unknown,
  /// or made before the last removal.
  func isStale(_ changes: [RecordChange], in space: SpaceID) throws -> Bool {
    let state = try store.state(space)
    return changes.flatMap(\.writes).contains { write in
      guard write.sealed, write.value != .null else { return false }
      guard let hint = write.value.bytes.flatMap({ SealedLayout.epochHint(of: $0) }),
        let epoch = state.epoch(hint: hint)
      else { return true }
      return !state.mayUse(epoch)
    }
  }

  /// The changes of an own commit, their sealed values sealed and their file keys wrapped again under
  /// the space's present epoch. The plaintext is the private copy's: the old key may be gone.
  ///
  /// - Parameter draft: the plaintext, from the commit's private copy. It may say more than the changes
  ///   do: a re-issue leaves out what was overwritten since.
  /// - Throws: ``ReplicaError/notReady(_:)`` without the epoch's key, ``ReplicaError/homeDamaged(_:)``
  ///   where the draft lacks a value.
  func resealed(
    _ draft: Draft, as changes: [RecordChange], in space: SpaceID
  ) throws -> [RecordChange] {
    var sealer: Sealer?
    return try changes.map { change in
      let plain = draft.changes.first {
        $0.type == change.type && $0.record == change.record && $0.operation == change.operation
      }
      let writes = try change.writes.map { write in
        guard write.sealed else { return try rewrapped(write, of: change, in: space) }
        if write.value == .null { return write }
        guard let value = plain?.writes.first(where: { $0.key == write.key })?.value else {
          throw ReplicaError.homeDamaged("private copy")
        }
        let own = try sealer ?? self.sealer(for: space)
        sealer = own
        return FieldWrite(
          key: write.key,
          value: try own.seal(value, type: change.type, record: change.record, key: write.key),
          sealed: true, shown: write.shown)
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
