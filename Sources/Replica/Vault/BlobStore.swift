import Signing
import SyncProtocol

/// The blobs of a home: pieces of ciphertext, each named by its own hash (BLAKE2b-256).
///
/// A blob is written aside, made durable and then named, so that under a name there is all of it or
/// nothing. What is read back is checked against the name.
struct BlobStore {
  /// Bytes of one blob; only a payload's last one is shorter.
  static let byteCountMax = 8 << 20

  enum Failure: Error, Hashable {
    case missing
    /// Its bytes are not those that its name says.
    case altered
  }

  private let blobsPath: String
  private let temporaryPath: String
  private let random: any RandomSource
  private let create: (String) throws -> OpenFile

  /// - Parameter create: makes the file that a blob is written to first.
  init(
    home: Home, random: any RandomSource,
    create: @escaping (String) throws -> OpenFile = OpenFile.creating
  ) {
    blobsPath = home.blobsPath
    temporaryPath = home.temporaryPath
    self.random = random
    self.create = create
  }

  /// `blobs/ab/cd/abcd…`: few enough names in each folder.
  func path(_ hash: Digest) -> String { folder(hash) + "/" + hash.hex }

  private func folder(_ hash: Digest) -> String {
    let hex = hash.hex
    return "\(blobsPath)/\(hex.prefix(2))/\(hex.dropFirst(2).prefix(2))"
  }

  /// `nil` where the blob is not here.
  func byteCount(_ hash: Digest) throws -> Int? {
    do {
      let status = try FileStatus(at: path(hash))
      return status.kind == .file ? status.byteCount : nil
    } catch ReplicaError.notFound {
      return nil
    }
  }

  /// The blob's bytes, checked.
  ///
  /// - Throws: ``Failure``, or what the system says.
  func read(_ hash: Digest) throws -> [UInt8] {
    let bytes = try readUnchecked(hash)
    guard Hasher256.content(bytes) == hash else { throw Failure.altered }
    return bytes
  }

  /// The blob's bytes, for whoever checks them.
  ///
  /// - Throws: ``Failure``, or what the system says.
  func readUnchecked(_ hash: Digest) throws -> [UInt8] {
    let file: OpenFile
    do {
      file = try OpenFile.reading(path(hash))
    } catch ReplicaError.notFound {
      throw Failure.missing
    }
    let status = try file.status()
    guard status.kind == .file, status.byteCount <= Self.byteCountMax else {
      throw Failure.altered
    }
    let bytes = try [UInt8](unsafeUninitializedCapacity: status.byteCount) { buffer, count in
      count = try file.readFully(into: UnsafeMutableRawBufferPointer(buffer))
    }
    guard bytes.count == status.byteCount else { throw Failure.altered }
    return bytes
  }

  /// Stores a blob under its name; durable when this returns.
  @discardableResult
  func store(_ bytes: UnsafeRawBufferPointer) throws -> Digest {
    let hash = Hasher256.content(bytes)
    try store(bytes, checked: hash)
    return hash
  }

  /// Stores a blob whose name is known to be its hash; durable when this returns.
  private func store(_ bytes: UnsafeRawBufferPointer, checked hash: Digest) throws {
    precondition(bytes.count <= Self.byteCountMax, "a blob has at most 8 MiB")
    let temporary = "\(temporaryPath)/\(Hex.encode(random.bytes(16)))"
    do {
      let file = try create(temporary)
      try file.write(bytes)
      try file.synchronize()
      try makeFolder(hash)
      try DiskFolder.replace(path(hash), with: temporary)
      try OpenFile.synchronize(folder: folder(hash))
    } catch {
      try DiskFolder.remove(file: temporary)
      throw error
    }
  }

  /// A blob and its name, which is known to be its hash.
  struct Checked {
    let hash: Digest
    let bytes: [UInt8]
  }

  /// Stores blobs; all are durable when this returns. All are written aside, made durable at once, and
  /// named, so that it costs two flushes of the disk however many there are. Where it fails, none stays
  /// aside; some may have their names.
  func store(_ blobs: [Checked]) throws {
    if let only = blobs.first, blobs.count == 1 {
      return try only.bytes.withUnsafeBytes { try store($0, checked: only.hash) }
    }
    let aside = try BlobsAside(self)
    for blob in blobs { try aside.write(blob) }
    try aside.name()
  }

  /// A new file for a blob that has no name yet.
  func createTemporary() throws -> (path: String, file: OpenFile) {
    let path = "\(temporaryPath)/\(Hex.encode(random.bytes(16)))"
    return (path, try create(path))
  }

  /// Begins to watch for writes to the home's file system that fail later.
  func fileSystem() throws -> OpenFile { try OpenFile.folder(blobsPath) }

  /// Gives a durable file the name of its blob. Whoever calls this makes the name durable.
  func name(_ temporary: String, as hash: Digest) throws {
    try DiskFolder.make("\(blobsPath)/\(hash.hex.prefix(2))")
    try DiskFolder.make(folder(hash))
    try DiskFolder.replace(path(hash), with: temporary)
  }

  /// A folder's own name lies in the folder above it.
  private func makeFolder(_ hash: Digest) throws {
    let first = "\(blobsPath)/\(hash.hex.prefix(2))"
    if try DiskFolder.make(first) { try OpenFile.synchronize(folder: blobsPath) }
    if try DiskFolder.make(folder(hash)) { try OpenFile.synchronize(folder: first) }
  }

  /// Stores a blob that came from elsewhere.
  ///
  /// - Throws: ``Failure/altered`` unless its name is the one that was asked for.
  func store(_ bytes: [UInt8], as hash: Digest) throws {
    guard bytes.count <= Self.byteCountMax, Hasher256.content(bytes) == hash else {
      throw Failure.altered
    }
    try bytes.withUnsafeBytes { try store($0, checked: hash) }
  }

  func remove(_ hash: Digest) throws { try DiskFolder.remove(file: path(hash)) }

  /// The names of all blobs that are here, sorted.
  func names() throws -> [Digest] {
    var result: [Digest] = []
    for first in try DiskFolder.names(blobsPath) {
      for second in try DiskFolder.names("\(blobsPath)/\(first.shown)") {
        for file in try DiskFolder.names("\(blobsPath)/\(first.shown)/\(second.shown)") {
          if let hash = Digest(hex: file.shown) { result.append(hash) }
        }
      }
    }
    return result.sorted()
  }

  /// Removes every blob that is not among these.
  func removeAll(but named: Set<Digest>) throws {
    for first in try DiskFolder.names(blobsPath) {
      for second in try DiskFolder.names("\(blobsPath)/\(first.shown)") {
        let folder = "\(blobsPath)/\(first.shown)/\(second.shown)"
        for file in try DiskFolder.names(folder) {
          if let hash = Digest(hex: file.shown), named.contains(hash) { continue }
          try DiskFolder.remove(file: "\(folder)/\(file.shown)")
        }
      }
    }
  }
}

extension Replica {
  var blobs: BlobStore { BlobStore(home: home, random: environment.random) }
}
