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
    var filled = 0
    var bytes = [UInt8](repeating: 0, count: status.byteCount)
    try bytes.withUnsafeMutableBytes { filled = try file.readFully(into: $0) }
    guard filled == bytes.count, Hasher256.content(bytes) == hash else { throw Failure.altered }
    return bytes
  }

  /// Stores a blob under its name; durable when this returns.
  @discardableResult
  func store(_ bytes: UnsafeRawBufferPointer) throws -> Digest {
    precondition(bytes.count <= Self.byteCountMax, "a blob has at most 8 MiB")
    let hash = Hasher256.content(bytes)
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
    return hash
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
    try bytes.withUnsafeBytes { _ = try store($0) }
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
