import CBOR
import Merge
import Sealing
import Signing
import SyncProtocol

/// One run of adding files and folders to the vault. What was stored stays when a later file fails:
/// large files one by one, small ones in batches.
final class VaultAddition {
  let replica: Replica
  let blobs: BlobStore
  private let buffer = WipedBuffer(byteCount: 4 << 20)
  let batch = AdditionBatch()
  var tree: VaultTree
  var report = AddReport()
  let onBytes: ByteProgress
  var doneByteCount: UInt64 = 0
  private var summaries: [RecordID: FileSummary]?
  private var written: Set<RecordID> = []

  init(_ replica: Replica, blobs: BlobStore, onBytes: @escaping ByteProgress) throws {
    self.replica = replica
    self.blobs = blobs
    self.onBytes = onBytes
    // The key is needed for all of it: say so before anything is read.
    _ = try replica.sealer(for: replica.vault)
    tree = try replica.vaultTree()
  }

  // MARK: What is added

  /// Adds a file, or a folder with all that lies in it.
  ///
  /// - Throws: only what ends the whole run, such as ``ReplicaError/diskFull``.
  func add(_ path: String, into folder: RecordID?) throws {
    try guarded(path) {
      let status = try FileStatus(at: path)
      try add(path, status, name: try Self.name(ofLast: path), into: folder)
    }
  }

  /// A path such as `.` or `docs/` has no name of its own in it.
  private static func name(ofLast path: String) throws -> VaultName {
    if let last = VaultTree.parts(of: path).last, last.text != "..", last.text != "." {
      return last
    }
    guard let resolved = DiskFolder.resolved(path),
      let last = VaultTree.parts(of: resolved).last
    else { throw ReplicaError.badInput("\(path): it has no name") }
    return last
  }

  private func add(
    _ path: String, _ status: FileStatus, name: VaultName, into folder: RecordID?
  ) throws {
    if let problem = name.problem { throw ReplicaError.badInput("\(path): \(problem)") }
    switch status.kind {
    case .file: try addFile(path, name: name, into: folder)
    case .folder: try addFolder(path, name: name, into: folder)
    case .link: throw ReplicaError.badInput("\(path): a link, which is not followed")
    case .special: throw ReplicaError.badInput("\(path): neither a file nor a folder")
    }
  }

  private func addFolder(_ path: String, name: VaultName, into folder: RecordID?) throws {
    let id = try self.folder(name, in: folder, for: path)
    for entry in try DiskFolder.names(path) {
      let source = path.hasSuffix("/") ? path + entry.shown : "\(path)/\(entry.shown)"
      try guarded(source) {
        guard let name = entry.name else {
          throw ReplicaError.badInput("\(source): the name is not UTF-8")
        }
        do {
          try add(source, try FileStatus(at: source), name: VaultName(name), into: id)
        } catch ReplicaError.notFound {
          throw ReplicaError.fileChanged(source)
        }
      }
    }
  }

  /// The folder of a name, made where there is none.
  func folder(_ name: VaultName, in parent: RecordID?, for path: String) throws -> RecordID {
    if let entry = tree.exactEntry(named: name, in: parent), entry.isOwnName {
      guard entry.kind == .folder else {
        throw ReplicaError.badInput("\(path): the vault has a file of that name")
      }
      return entry.id
    }
    if let problem = name.problem { throw ReplicaError.badInput("\(path): \(problem)") }
    let id = TimeOrderedID.make(RecordID.self, replica.environment)
    var writes = [Draft.Write("name", .text(name.text))]
    if let parent { writes.append(Draft.Write("parent", .bytes(parent.bytes))) }
    if !batch.hasRoom(for: 0) { try storeBatch() }
    batch.append(
      AdditionBatch.Folder(source: path, change: Draft.Change(.create, "folder", id, writes)))
    try note(id, .folder, name, in: parent)
    return id
  }

  func note(
    _ id: RecordID, _ kind: VaultTree.Kind, _ name: VaultName, in parent: RecordID?
  ) throws {
    // The name may be how a namesake is shown; then that one gets another.
    if tree.exactEntry(named: name, in: parent) == nil {
      tree.insert(id, kind, name, in: parent)
    } else {
      try storeBatch()
      tree = try replica.vaultTree()
    }
  }

  /// One file's problem does not end the run.
  private func guarded(_ source: String, _ body: () throws -> Void) throws {
    do {
      try body()
    } catch let error as ReplicaError where error != .diskFull && error != .locked {
      report.problems.append(AddReport.Problem(source: source, error: error))
    }
  }

  // MARK: One file

  private func addFile(_ path: String, name: VaultName, into folder: RecordID?) throws {
    let file = try OpenFile.reading(path)
    let before = try file.status()
    guard before.kind == .file else {
      throw ReplicaError.badInput("\(path): neither a file nor a folder")
    }
    if let entry = ownEntry(named: name, in: folder), batch.holds(entry.id) { try storeBatch() }
    let existing = ownEntry(named: name, in: folder)
    guard existing?.kind != .folder else {
      throw ReplicaError.badInput("\(path): the vault has a folder of that name")
    }
    if let existing, try isUnchanged(path, before, existing) {
      return note(path, existing.id, .unchanged, before.byteCount, shareCount: 0)
    }
    try checkRoom(path, before.byteCount)
    let added = AddedFile(
      source: path, status: before,
      file: existing?.id ?? TimeOrderedID.make(RecordID.self, replica.environment),
      version: TimeOrderedID.make(RecordID.self, replica.environment),
      isNew: existing == nil, name: name, folder: folder)
    if before.byteCount <= AdditionBatch.fileByteCountMax { return try keep(file, added) }
    try storeBatch()
    let shareCount = try store(file, added)
    if added.isNew { try note(added.file, .file, name, in: folder) }
    note(added, shareCount: shareCount)
  }

  private func ownEntry(named name: VaultName, in folder: RecordID?) -> VaultTree.Entry? {
    tree.exactEntry(named: name, in: folder).flatMap { $0.isOwnName ? $0 : nil }
  }

  private func note(_ added: AddedFile, shareCount: Int) {
    note(
      added.source, added.file, added.isNew ? .added : .updated, added.status.byteCount,
      shareCount: shareCount)
  }

  private func note(
    _ source: String, _ file: RecordID, _ outcome: AddReport.Outcome, _ byteCount: Int,
    shareCount: Int
  ) {
    report.items.append(
      AddReport.Item(
        source: source, path: tree.path(of: file), outcome: outcome, byteCount: byteCount,
        shareCount: shareCount))
  }

  /// Refuses what cannot fit before anything is read.
  private func checkRoom(_ path: String, _ byteCount: Int) throws {
    let limit = Self.payloadByteCountMax(replica)
    guard byteCount <= limit,
      AgePayload.payloadByteCount(plaintextByteCount: byteCount) <= limit
    else {
      throw ReplicaError.badInput(
        "\(path): the file has \(byteCount) bytes; at most \(limit >> 30) GiB are possible")
    }
    let payload = AgePayload.payloadByteCount(plaintextByteCount: byteCount)
    guard UInt64(payload) <= (try DiskFolder.freeByteCount(replica.home.blobsPath)) else {
      throw ReplicaError.diskFull
    }
  }

  /// As many blobs as a version record can name.
  private static func payloadByteCountMax(_ replica: Replica) -> Int {
    guard let field = replica.store.schema.type("version")?.field("blobs") else {
      preconditionFailure("version is built in")
    }
    return field.sizeMax * BlobStore.byteCountMax
  }

  /// Seals and stores the payload, then names it in one commit.
  ///
  /// - Returns: how many shares follow.
  private func store(_ file: OpenFile, _ added: AddedFile) throws -> Int {
    let writer = try PayloadWriter(store: blobs, random: replica.environment.random)
    do {
      try seal(file, added.source, added.status, into: writer)
      let hashes = try writer.finish()
      try checkStayed(file, added.source, added.status)
      return try replica.transaction {
        let version = try keep(added, hashes, writer.fileKey)
        try replica.write(Draft(added.changes(version)), in: replica.vault)
        return try passOn(added, version, writer.fileKey)
      }
    } catch {
      try writer.discard()
      throw error
    }
  }

  private func seal(
    _ file: OpenFile, _ path: String, _ before: FileStatus, into writer: PayloadWriter
  ) throws {
    var byteCount = 0
    while case let count = try file.read(into: buffer.bytes), count > 0 {
      byteCount += count
      // A file that grows faster than it is read would never end.
      guard byteCount <= before.byteCount else { throw ReplicaError.fileChanged(path) }
      try writer.append(UnsafeRawBufferPointer(rebasing: buffer.bytes[..<count]))
      doneByteCount += UInt64(count)
      onBytes(doneByteCount, doneByteCount)
    }
    guard byteCount == before.byteCount else { throw ReplicaError.fileChanged(path) }
  }

  /// Neither the open file nor what lies at its path may have changed.
  func checkStayed(_ file: OpenFile, _ path: String, _ before: FileStatus) throws {
    guard try file.status() == before else { throw ReplicaError.fileChanged(path) }
    do {
      guard try FileStatus(at: path) == before else { throw ReplicaError.fileChanged(path) }
    } catch ReplicaError.notFound {
      throw ReplicaError.fileChanged(path)
    }
  }

  /// Keeps a version's wrap and the names of its blobs, to be sent before the commit that names them.
  func keep(
    _ added: AddedFile, _ hashes: [Digest], _ key: FileKey
  ) throws -> SealedVersion {
    let vault = replica.vault
    let wrap = try replica.keepWrap(
      replica.sealFileKey(key, vault: vault, file: added.file, version: added.version),
      in: vault)
    for hash in hashes { try replica.keepForUpload(hash, of: vault) }
    written.insert(added.file)
    let context = SealedVersion.commitmentContext(
      vault: vault, file: added.file, version: added.version)
    return SealedVersion(
      vault: vault, file: added.file, id: added.version, blobs: hashes,
      byteCount: added.status.byteCount, commitment: key.commitment(context: context), wrap: wrap)
  }

  func passOn(_ added: AddedFile, _ version: SealedVersion, _ key: FileKey) throws -> Int {
    // Nobody can have a share of a file that is new.
    let count = try added.isNew ? 0 : replica.passOn(version, key: key)
    return try count + replica.followStanding(added.file, in: tree.folders(from: added.folder))
  }
}

// MARK: Comparing with what is there

extension VaultAddition {
  /// Whether the file has the content of the latest version. Size and time alone are trusted only
  /// where that version cannot be opened here.
  private func isUnchanged(
    _ path: String, _ status: FileStatus, _ entry: VaultTree.Entry
  ) throws -> Bool {
    guard let summary = try summary(of: entry.id),
      summary.byteCount == Int64(status.byteCount)
    else { return false }
    do {
      return try hasContent(of: try replica.sealedVersion(summary.version), path)
    } catch ReplicaError.fileNotHere, ReplicaError.fileAltered {
      return summary.modifiedMilliseconds == status.modifiedMilliseconds
    }
  }

  /// Of the latest version, read once for all files that this run has not written.
  private func summary(of file: RecordID) throws -> FileSummary? {
    if written.contains(file) { return try replica.fileSummaries(file: file)[file] }
    let known = try summaries ?? replica.fileSummaries()
    summaries = known
    return known[file]
  }

  private struct Different: Error {}

  private func hasContent(of version: SealedVersion, _ path: String) throws -> Bool {
    let reader = VersionReader(
      version: version, key: try replica.vaultFileKey(version, name: path), blobs: blobs,
      name: path)
    let file = try OpenFile.reading(path)
    do {
      try reader.read { plaintext in
        var rest = plaintext
        while !rest.isEmpty {
          let count = min(rest.count, buffer.bytes.count)
          let space = UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[..<count])
          guard try file.readFully(into: space) == count,
            space.elementsEqual(rest[..<count])
          else { throw Different() }
          rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
      }
      return true
    } catch is Different {
      return false
    }
  }
}
