import Merge
import Sealing
import Signing

/// One run of writing files of the own vault into a folder, as a tree of plain files or of age files
/// (requirements A3, E10).
///
/// Each file appears whole or not at all. What is there already is left where it is the same file of
/// an earlier run, and is a problem of that one file otherwise; so a run that was interrupted can be
/// repeated.
public final class VaultExport {
  /// Gets how many bytes are written, and how many there are in all; what it throws ends the run.
  public typealias Progress = (_ done: UInt64, _ total: UInt64) throws -> Void

  private let replica: Replica
  private let form: ExportForm
  private let tree: VaultTree
  private let names: ExportNames
  private let entries: [VaultTree.Entry]
  private let totalByteCount: UInt64
  private var doneByteCount: UInt64 = 0
  private var report = ExportReport()

  /// - Parameters:
  ///   - paths: files and folders of the vault, with all that lies in them; all of it if empty.
  ///   - reserved: a name at the top of the folder that no file gets.
  /// - Throws: ``ReplicaError/notFound(_:)``, ``ReplicaError/badInput(_:)`` for an age file without
  ///   recipients.
  public init(
    _ replica: Replica, paths: [String] = [], form: ExportForm, reserved: String
  ) throws {
    if case .age(let recipients) = form, recipients.isEmpty {
      throw ReplicaError.badInput("an age file needs a recipient")
    }
    self.replica = replica
    self.form = form
    let tree = try replica.vaultTree()
    self.tree = tree
    names = ExportNames(tree, suffix: form == .plain ? "" : ".age", reserved: reserved)
    var seen: Set<RecordID> = []
    entries = try (paths.isEmpty ? [""] : paths).flatMap { try Self.entries(at: $0, tree) }
      .filter { seen.insert($0.id).inserted }
    let summaries = try replica.fileSummaries()
    totalByteCount = entries.reduce(0) { sum, entry in
      sum &+ UInt64(clamping: summaries[entry.id]?.byteCount ?? 0)
    }
  }

  /// What lies at a path and below it, with the folders that lead there.
  private static func entries(at path: String, _ tree: VaultTree) throws -> [VaultTree.Entry] {
    guard let start = try tree.entry(at: path) else { return tree.descendants(of: nil) }
    var way = [start]
    while let parent = way[0].parent.flatMap({ tree[$0] }) { way.insert(parent, at: 0) }
    return way + (start.kind == .folder ? tree.descendants(of: start.id) : [])
  }

  /// Writes the files into a folder of the disk, which is made if it is missing.
  ///
  /// - Parameter overwrites: whether other files that are there may be replaced.
  /// - Throws: only what ends the whole run, such as ``ReplicaError/diskFull``; a file's own problem
  ///   is in the report.
  public func run(
    to directory: String, overwrites: Bool = false, onBytes: Progress = { _, _ in }
  ) throws -> ExportReport {
    try DiskFolder.make(directory)
    for entry in entries {
      let destination = "\(directory)/\(names.path(of: entry))"
      do {
        switch entry.kind {
        case .folder: try DiskFolder.make(destination)
        case .file: try export(entry, to: destination, overwrites, onBytes)
        }
      } catch let error as ReplicaError where error != .diskFull && error != .locked {
        report.problems.append(
          ExportReport.Problem(
            path: tree.path(of: entry.id), record: entry.id, error: error,
            missingBlobs: try missingBlobs(entry)))
      }
    }
    return report
  }

  private func missingBlobs(_ entry: VaultTree.Entry) throws -> [Digest] {
    guard entry.kind == .file, let summary = try replica.fileSummaries(file: entry.id)[entry.id]
    else { return [] }
    return try replica.sealedVersion(summary.version).blobs
      .filter { try replica.blobs.byteCount($0) == nil }
  }

  private func export(
    _ entry: VaultTree.Entry, to destination: String, _ overwrites: Bool, _ onBytes: Progress
  ) throws {
    let path = tree.path(of: entry.id)
    try replica.audited(.export, entry.id, in: replica.vault) { noteGranted in
      let file = try replica.openableFile(entry.id, path: path)
      let writer = ExportedFile(file, form, replica: replica)
      let start = doneByteCount
      let hash = try writer.write(to: destination, overwrites: overwrites, noteGranted) { count in
        doneByteCount = start + UInt64(count)
        try onBytes(doneByteCount, totalByteCount)
      }
      let byteCount = file.version.byteCount
      report.items.append(
        ExportReport.Item(
          path: path, name: names.path(of: entry), file: entry.id, version: file.version.id,
          byteCount: byteCount,
          hashedByteCount: form == .plain
            ? byteCount : AgePayload.payloadByteCount(plaintextByteCount: byteCount),
          hash: hash, modifiedMilliseconds: file.modifiedMilliseconds))
    }
  }
}
