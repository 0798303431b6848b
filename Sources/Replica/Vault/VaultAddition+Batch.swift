import Merge
import Sealing
import Signing

/// Many small files.
extension VaultAddition {
  /// Changes of one commit: far from the limits of a commit, in number and in bytes.
  private static var changeCountMax: Int { 200 }

  /// Reads a small file and puts it with those that wait.
  func keep(_ file: OpenFile, _ added: AddedFile) throws {
    if !batch.hasRoom(for: added.status.byteCount) { try storeBatch() }
    let plaintext = try batch.read(file, added)
    doneByteCount += UInt64(plaintext.count)
    onBytes(doneByteCount, doneByteCount)
    try checkStayed(file, added.source, added.status)
    let index = report.items.count
    batch.append(added, plaintext, at: index)
    report.items.append(
      AddReport.Item(
        source: added.source, path: "", outcome: added.isNew ? .added : .updated,
        byteCount: plaintext.count, shareCount: 0))
    // Where its name is taken by how a namesake is shown, this stores what waits, which may fail.
    if added.isNew { try note(added.file, .file, added.name, in: added.folder) }
    if index < report.items.count { report.items[index].path = tree.path(of: added.file) }
  }

  /// Stores what waits. One file's problem is the problem of all that wait with it.
  func storeBatch() throws {
    let items = batch.items
    guard !items.isEmpty else { return }
    batch.clear()
    do {
      try store(items)
    } catch {
      let indices = items.compactMap {
        if case .file(let file) = $0 { file.reportIndex } else { nil }
      }
      for index in indices.reversed() { report.items.remove(at: index) }
      tree = try replica.vaultTree()
      guard let error = error as? ReplicaError, error != .locked else { throw error }
      for item in items {
        report.problems.append(AddReport.Problem(source: item.source, error: error))
      }
      if error == .diskFull { throw error }
    }
  }

  /// The disk became full at a source, which ends the run.
  func noteFullDisk(at source: String) {
    let problem = AddReport.Problem(source: source, error: .diskFull)
    if !report.problems.contains(problem) { report.problems.append(problem) }
  }

  private func store(_ items: [AdditionBatch.Item]) throws {
    let files = items.compactMap { if case .file(let file) = $0 { file } else { nil } }
    let random = replica.environment.random
    let keys = files.map { _ in FileKey(random: random) }
    let payloads = WholePayload.seal(
      zip(files, keys).map { WholePayload.Input($0.plaintext, fileKey: $1, random: random) })
    do {
      try blobs.store(payloads.map { BlobStore.Checked(hash: $0.hash, bytes: $0.bytes) })
      try replica.transaction { try commit(items, Array(zip(keys, payloads.map(\.hash)))) }
    } catch {
      for payload in payloads { try blobs.remove(payload.hash) }
      throw error
    }
  }

  /// Names what was stored, many files in a commit.
  private func commit(
    _ items: [AdditionBatch.Item], _ sealed: [(key: FileKey, hash: Digest)]
  ) throws {
    var changes: [Draft.Change] = []
    var written: [(file: AdditionBatch.File, version: SealedVersion, key: FileKey)] = []
    for item in items {
      switch item {
      case .folder(let folder): changes.append(folder.change)
      case .file(let file):
        let (key, hash) = sealed[written.count]
        let version = try keep(file.added, [hash], key)
        changes += file.added.changes(version)
        written.append((file, version, key))
      }
      if changes.count >= Self.changeCountMax {
        try replica.write(Draft(changes), in: replica.vault)
        changes = []
      }
    }
    if !changes.isEmpty { try replica.write(Draft(changes), in: replica.vault) }
    for (file, version, key) in written {
      let shareCount = try passOn(file.added, version, key)
      report.items[file.reportIndex].shareCount = shareCount
    }
  }
}
