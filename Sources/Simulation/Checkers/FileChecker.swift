import Foundation
import Merge
import Replica

/// Once all is well, what people kept can be read by those who may: every file of the vault on the
/// client's devices, every share that stands on the practitioner's.
struct FileChecker {
  let party: Party
  /// Devices that were taken out after the server was restored: they hand back what logs have lost, but
  /// no files any more.
  let gone: Set<DeviceID>

  func problems() throws -> [String] {
    let replica = party.replica
    var found: [String] = []
    if party.role == .client {
      let lost = try filesOfGone().union(filesWithoutContent())
      for item in try replica.vaultListing(nil, recursive: true)
      where item.kind == .file && !lost.contains(item.id) {
        found += problem("vault file") { try replica.readFromVault(item.path) { _ in } }
      }
    }
    if party.role == .practitioner {
      for share in try replica.sharesReceived() where share.status == .active {
        found += problem("share") { try replica.readShared(share) { _ in } }
      }
    }
    return found
  }

  /// Files with a version that such a device wrote.
  private func filesOfGone() throws -> Set<RecordID> {
    var files: Set<RecordID> = []
    guard !gone.isEmpty else { return files }
    try party.replica.store.eachEntry(party.replica.vault) { _, entry in
      guard case .commit(let origin, let commit) = entry.content,
        gone.contains(origin.replica.device)
      else { return }
      for change in try commit.decoded().changes where change.type == "version" {
        let named = change.writes.first { $0.key == "file" }?.value.bytes
        if let file = named.flatMap({ RecordID($0) }) { files.insert(file) }
      }
    }
    return files
  }

  /// Files whose content was deleted for good, and whose name somebody else has changed meanwhile: the
  /// name stays, and nothing is under it.
  private func filesWithoutContent() throws -> Set<RecordID> {
    var files: [RecordID: RecordID] = [:]
    var deleted: Set<RecordID> = []
    try party.replica.store.eachEntry(party.replica.vault) { _, entry in
      guard case .commit(_, let commit) = entry.content else { return }
      for change in try commit.decoded().changes where change.type == "version" {
        let named = change.writes.first { $0.key == "file" }?.value.bytes
        if let file = named.flatMap({ RecordID($0) }) { files[change.record] = file }
        if change.operation == .delete { deleted.insert(change.record) }
      }
    }
    let standing = Set(files.filter { !deleted.contains($0.key) }.values)
    return Set(files.values).subtracting(standing)
  }

  private func problem(_ what: String, _ read: () throws -> Void) -> [String] {
    do {
      try read()
      return []
    } catch let denial as AccessDenial {
      // An end that has passed between the listing and the reading is no loss.
      return denial == .notFromClient ? ["\(party.name): \(what): \(denial)"] : []
    } catch {
      return ["\(party.name): \(what): \(error)"]
    }
  }
}
