import Merge
import Sealing
import Signing

/// A file that may be opened: what describes it, its key, and what people call it.
struct OpenableFile {
  let version: SealedVersion
  let key: FileKey
  let name: String
  /// Milliseconds since 1970; a share does not say it.
  let modifiedMilliseconds: Int64?
}

/// What came of writing files to the disk.
public struct GetReport: Sendable {
  public struct Item: Sendable {
    /// In the vault, or the share's name.
    public let path: String
    /// On the disk.
    public let destination: String
    public let byteCount: Int
  }

  public struct Problem: Sendable {
    public let path: String
    public let error: ReplicaError
  }

  public internal(set) var items: [Item] = []
  public internal(set) var problems: [Problem] = []
}

extension Replica {
  /// The latest version of a file of the own vault.
  func openableFile(_ file: RecordID, path: String) throws -> OpenableFile {
    try openableFile(fileSummaries(file: file)[file], path: path)
  }

  /// The version that a summary is of.
  ///
  /// - Throws: ``ReplicaError/fileNotHere(_:)`` where the file's versions have not arrived.
  func openableFile(_ summary: FileSummary?, path: String) throws -> OpenableFile {
    guard let summary else { throw ReplicaError.fileNotHere(path) }
    let version = try sealedVersion(summary.version)
    return OpenableFile(
      version: version, key: try vaultFileKey(version, name: path), name: path,
      modifiedMilliseconds: summary.modifiedMilliseconds)
  }

  /// Gives `sink` a file's content, after all of it was verified: one pass to verify, one to show. No
  /// plaintext touches the disk.
  ///
  /// - Parameter onVerified: called between the two.
  func show(
    _ file: OpenableFile, onVerified: () throws -> Void,
    sink: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let reader = VersionReader(
      version: file.version, key: file.key, blobs: blobs, name: file.name)
    try noticingDamage(file.version) {
      try reader.verify()
      try onVerified()
      try reader.read(sink: sink)
    }
  }

  /// Writes a file's content to the disk: aside, verified, durable, then under its name.
  ///
  /// - Parameter onVerified: called before the name is given.
  /// - Throws: ``ReplicaError/badInput(_:)`` where there is a file already and it may not be replaced.
  func writeOut(
    _ file: OpenableFile, to destination: String, overwrite: Bool,
    onVerified: () throws -> Void
  ) throws {
    let output = try PlacedFile(
      at: destination, overwrites: overwrite, random: environment.random)
    try readVerified(file, into: output.write)
    if let modified = file.modifiedMilliseconds { try output.setModified(modified) }
    try output.place(onDurable: onVerified)
  }

  /// Gives `sink` a file's content. All of it is verified when this has returned.
  func readVerified(
    _ file: OpenableFile, into sink: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let reader = VersionReader(
      version: file.version, key: file.key, blobs: blobs, name: file.name)
    try noticingDamage(file.version) { try reader.read(sink: sink) }
  }

  /// A damaged blob that the server has is let go, so that the next sync fetches it again. One that only
  /// this device has stays, whatever it is worth.
  func noticingDamage(_ version: SealedVersion, _ body: () throws -> Void) throws {
    do {
      try body()
    } catch ReplicaError.fileAltered(let name) {
      for hash in version.blobs where try isDamaged(hash) { try blobs.remove(hash) }
      try lookForFilesAgain()
      throw ReplicaError.fileAltered(name)
    } catch ReplicaError.fileNotHere(let name) {
      try lookForFilesAgain()
      throw ReplicaError.fileNotHere(name)
    }
  }

  private func isDamaged(_ hash: Digest) throws -> Bool {
    let isUnsent = try database.first(
      "SELECT 1 FROM blob_outbox WHERE hash = ?", .blob(hash.bytes)
    ) { _ in true }
    guard isUnsent == nil else { return false }
    do {
      _ = try blobs.read(hash)
      return false
    } catch BlobStore.Failure.altered {
      return true
    } catch BlobStore.Failure.missing {
      return false
    }
  }

  // MARK: The own vault

  /// Gives `sink` the content of a file in the vault, once all of it was verified.
  ///
  /// - Throws: ``ReplicaError/fileAltered(_:)``, ``ReplicaError/fileNotHere(_:)``,
  ///   ``ReplicaError/notFound(_:)``.
  public func readFromVault(
    _ path: String, sink: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let entry = try vaultTree().file(at: path)
    try audited(.view, entry.id, in: vault) { noteGranted in
      let file = try openableFile(entry.id, path: path)
      try show(file, onVerified: noteGranted, sink: sink)
    }
  }

  /// Writes files and folders of the vault into a folder of the disk. A file that is there is replaced
  /// only with `overwrite`. One file's problem does not stop the others.
  ///
  /// - Parameter onBytes: bytes written so far, and in all.
  public func getFromVault(
    _ paths: [String], to directory: String, overwrite: Bool = false,
    onBytes: @escaping ByteProgress = { _, _ in }
  ) throws -> GetReport {
    let run = try FileWriting(self, to: directory, overwrites: overwrite, onBytes: onBytes)
    do {
      for path in paths { try run.write(path) }
    } catch {
      // What was written before stays.
      try run.placeAll()
      throw error
    }
    try run.placeAll()
    return run.report
  }
}
