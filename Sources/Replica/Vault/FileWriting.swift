import Merge

/// One run of writing files of the vault to the disk. Files are written aside and verified one by one;
/// some together are made durable, noted in the audit log, and given their names.
final class FileWriting {
  /// Written aside at most.
  private static let byteCountMax = 64 << 20
  private static let countMax = 1024

  private struct Waiting {
    let entry: VaultTree.Entry
    let item: GetReport.Item
    let file: PlacedFile
  }

  private let replica: Replica
  private let tree: VaultTree
  private let summaries: [RecordID: FileSummary]
  private let directory: String
  private let overwrites: Bool
  private let onBytes: ByteProgress
  /// Of the folder that all is written to. Opened before anything is written, so that a write that fails
  /// later is told here.
  private let fileSystem: OpenFile
  private var waiting: [Waiting] = []
  private var waitingByteCount = 0
  private var doneByteCount: UInt64 = 0
  private(set) var report = GetReport()

  init(
    _ replica: Replica, to directory: String, overwrites: Bool, onBytes: @escaping ByteProgress
  ) throws {
    self.replica = replica
    self.directory = directory
    self.overwrites = overwrites
    self.onBytes = onBytes
    tree = try replica.vaultTree()
    summaries = try replica.fileSummaries()
    try DiskFolder.make(directory)
    fileSystem = try OpenFile.folder(directory)
  }

  /// Writes a file, or a folder with all that lies in it, aside; some of it may have its name already.
  ///
  /// - Throws: what ends the run, such as ``ReplicaError/diskFull``. What was written before stays.
  func write(_ path: String) throws {
    let start = try tree.entry(at: path)
    let entries =
      start.map { $0.kind == .folder ? [$0] + tree.descendants(of: $0.id) : [$0] }
      ?? tree.descendants(of: nil)
    for entry in entries {
      do {
        try write(entry, below: start?.parent)
      } catch let error as ReplicaError where error != .diskFull && error != .locked {
        report.problems.append(GetReport.Problem(path: tree.path(of: entry.id), error: error))
      }
    }
  }

  private func write(_ entry: VaultTree.Entry, below base: RecordID?) throws {
    let path = tree.path(of: entry.id)
    let basePath = tree.path(of: base)
    let relative = basePath.isEmpty ? path : String(path.dropFirst(basePath.count + 1))
    let destination = directory.hasSuffix("/") ? directory + relative : "\(directory)/\(relative)"
    if entry.kind == .folder {
      try DiskFolder.make(destination)
      return
    }
    do {
      try writeAside(entry, path, destination)
    } catch {
      try replica.auditFailure(.download, entry.id, in: replica.vault, error)
      throw error
    }
    if waiting.count >= Self.countMax || waitingByteCount >= Self.byteCountMax { try placeAll() }
  }

  private func writeAside(
    _ entry: VaultTree.Entry, _ path: String, _ destination: String
  ) throws {
    let file = try replica.openableFile(summaries[entry.id], path: path)
    let output = try PlacedFile(
      at: destination, overwrites: overwrites, random: replica.environment.random)
    try replica.readVerified(file, into: output.write)
    if let modified = file.modifiedMilliseconds { try output.setModified(modified) }
    try output.end(beside: fileSystem)
    let byteCount = file.version.byteCount
    let item = GetReport.Item(path: path, destination: destination, byteCount: byteCount)
    waiting.append(Waiting(entry: entry, item: item, file: output))
    waitingByteCount += byteCount
    doneByteCount += UInt64(byteCount)
    onBytes(doneByteCount, doneByteCount)
  }

  /// Gives what was written its names, once it is durable and in the audit log.
  func placeAll() throws {
    guard !waiting.isEmpty else { return }
    let written = waiting
    waiting = []
    waitingByteCount = 0
    do {
      try fileSystem.synchronizeFileSystem()
      try replica.transaction {
        for file in written {
          try replica.audit(.download, file.entry.id, in: replica.vault, .granted)
        }
      }
    } catch {
      for file in written {
        try replica.auditFailure(.download, file.entry.id, in: replica.vault, error)
      }
      throw error
    }
    for file in written { try place(file) }
    try fileSystem.synchronizeFileSystem()
  }

  private func place(_ file: Waiting) throws {
    do {
      try file.file.placeDurable()
      report.items.append(file.item)
    } catch {
      try replica.auditFailure(.download, file.entry.id, in: replica.vault, error)
      guard let error = error as? ReplicaError, error != .diskFull else { throw error }
      report.problems.append(GetReport.Problem(path: file.item.path, error: error))
    }
  }
}
