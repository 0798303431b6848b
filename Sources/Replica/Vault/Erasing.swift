import Merge
import Signing
import SpaceStore
import SyncProtocol

/// Deleting for good: the versions go, and with their deletion every wrap and blob of them, at the server
/// and on each device of the account as it takes the deletion in.
extension Replica {
  /// The deletions of all versions of files, so that no key of theirs stays anywhere.
  func versionDeletions(of files: [RecordID]) throws -> [Draft.Change] {
    let wanted = Set(files)
    return try shownRecords("version", in: vault).compactMap { version in
      guard let file = version.value("file")?.bytes.flatMap({ RecordID($0) }),
        wanted.contains(file)
      else { return nil }
      return Draft.Change(.delete, "version", version.id)
    }
  }

  /// Drops the wraps of versions that an accepted commit deletes, and sends their blobs no more. In the transaction that takes it in.
  func eraseWraps(deletedBy fact: LogFact, in space: SpaceID, number: Int64) throws {
    guard space == vault, case .commit(let commit, _) = fact.content else { return }
    for change in commit.changes where change.type == "version" && change.operation == .delete {
      let made = try store.creation(of: change.record, type: "version", in: space)
      // What a copy of this home has sent meanwhile may still wait to be sent from here.
      for blob in made?.writes.first(where: { $0.key == "blobs" })?.value.array ?? [] {
        guard let hash = blob.bytes else { continue }
        try database.run(
          "DELETE FROM blob_outbox WHERE space = ? AND hash = ?", .integer(number), .blob(hash))
      }
      let wrap = made?.writes.first { $0.key == "wrap" }?.value.bytes
      guard let wrap else { continue }
      try database.run(
        "DELETE FROM wrap WHERE space = ? AND hash = ?", .integer(number), .blob(wrap))
    }
  }

  /// Takes in a page, and removes the blobs that it leaves without a name: also where the process ends
  /// in between, when the home is opened next.
  func erasingBlobs(with page: LogPage, in space: SpaceID, _ take: () throws -> Void) throws {
    guard space == vault, page.entries.contains(where: Self.deletesVersions) else {
      return try take()
    }
    try leavingNothingBehind {
      try take()
      try collectUnnamedBlobs()
    }
    _ = try database.checkpoint()
  }

  /// Asked before the page is verified: what cannot be read deletes nothing, and is refused there.
  private static func deletesVersions(_ entry: LogEntry) -> Bool {
    guard case .commit(_, let encoded) = entry.content else { return false }
    do {
      return try encoded.decoded().changes.contains {
        $0.type == "version" && $0.operation == .delete
      }
    } catch {
      return false
    }
  }
}
