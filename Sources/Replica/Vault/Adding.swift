import Merge
import Signing

extension Replica {
  /// Adds files, and folders with all that lies in them, to the vault.
  ///
  /// A file whose name its folder holds already becomes a new version of that file, unless its content
  /// is the same. Links are not followed; links, pipes and devices are left out, with the reason. A file
  /// that changes while it is read is left out, and nothing of it stays.
  ///
  /// - Parameters:
  ///   - folder: the vault's folder that gets them, made where it is missing; `nil` for the top.
  ///   - onBytes: bytes read so far; the total is not known before.
  /// - Throws: what ends the run: ``ReplicaError/locked``, ``ReplicaError/notReady(_:)``. A full disk
  ///   ends it too, and is the report's last problem, because what was added before stays.
  public func addToVault(
    _ paths: [String], into folder: String? = nil, onBytes: @escaping ByteProgress = { _, _ in }
  ) throws -> AddReport {
    try addToVault(paths, into: folder, blobs: blobs, onBytes: onBytes)
  }

  func addToVault(
    _ paths: [String], into folder: String?, blobs: BlobStore,
    onBytes: @escaping ByteProgress = { _, _ in }
  ) throws -> AddReport {
    let addition = try VaultAddition(self, blobs: blobs, onBytes: onBytes)
    return try leavingNothingBehind { try run(addition, paths, into: folder) }
  }

  private func run(
    _ addition: VaultAddition, _ paths: [String], into folder: String?
  ) throws -> AddReport {
    var target: RecordID?
    for part in VaultTree.parts(of: folder ?? "") {
      target = try addition.folder(part, in: target, for: folder ?? "")
    }
    var last = ""
    do {
      for path in paths {
        last = path
        try addition.add(path, into: target)
      }
      try addition.storeBatch()
    } catch ReplicaError.diskFull {
      addition.noteFullDisk(at: last)
      // What came before may still have room.
      do {
        try addition.storeBatch()
      } catch ReplicaError.diskFull {
        addition.noteFullDisk(at: last)
      }
    }
    return addition.report
  }

  /// Notes that the server does not have a blob yet.
  func keepForUpload(_ hash: Digest, of space: SpaceID) throws {
    try database.run(
      "INSERT OR IGNORE INTO blob_outbox VALUES (?, ?)",
      .integer(try store.number(of: space)), .blob(hash.bytes))
  }
}
