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

  /// Drops the wraps of versions that an accepted commit deletes. In the transaction that takes it in.
  func eraseWraps(deletedBy fact: LogFact, in space: SpaceID, number: Int64) throws {
    guard space == vault, case .commit(let commit, _) = fact.content else { return }
    for change in commit.changes where change.type == "version" && change.operation == .delete {
      let made = try store.creation(of: change.record, type: "version", in: space)
      let wrap = made?.writes.first { $0.key == "wrap" }?.value.bytes
      guard let wrap else { continue }
      try database.run(
        "DELETE FROM wrap WHERE space = ? AND hash = ?", .integer(number), .blob(wrap))
    }
  }

  /// Removes the blobs that a page has left without a name.
  func eraseBlobs(after page: LogPage, in space: SpaceID) throws {
    guard space == vault, try page.entries.contains(where: Self.deletesVersions) else { return }
    try leavingNothingBehind { try collectUnnamedBlobs() }
    _ = try database.checkpoint()
  }

  private static func deletesVersions(_ entry: LogEntry) throws -> Bool {
    guard case .commit(_, let encoded) = entry.content else { return false }
    return try encoded.decoded().changes.contains {
      $0.type == "version" && $0.operation == .delete
    }
  }
}
