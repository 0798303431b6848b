import Foundation
import Merge
import Signing
import Synchronization

/// Blobs as files: `ab/cd/<hash>.<space>`, two levels by the hash so that no directory grows large.
final class FileBlobStorage: BlobStorage {
  private let directory: String
  /// Where blobs are written before they get their name.
  private let incoming: String
  private let lastNumber = Atomic<UInt64>(0)

  init(directory: String) throws(ServerError) {
    self.directory = directory
    incoming = "\(directory)/incoming"
    try DurableFile.makeDirectory(directory)
    try DurableFile.makeDirectory(incoming)
    // What a crash has left half written.
    for name in try DurableFile.names(in: incoming) { unlink("\(incoming)/\(name)") }
  }

  private func folder(_ name: BlobName) -> (outer: String, inner: String) {
    let hex = name.hash.hex
    let outer = "\(directory)/\(hex.prefix(2))"
    return (outer, "\(outer)/\(hex.dropFirst(2).prefix(2))")
  }

  private func path(_ name: BlobName) -> String {
    "\(folder(name).inner)/\(name.hash.hex).\(name.space.hex)"
  }

  func store(_ bytes: [UInt8], _ name: BlobName) throws(ServerError) {
    let folder = folder(name)
    if !DurableFile.exists(folder.inner) {
      try DurableFile.makeDirectory(folder.outer)
      try DurableFile.makeDirectory(folder.inner)
    }
    let number = lastNumber.wrappingAdd(1, ordering: .relaxed).newValue
    try DurableFile.write(bytes, to: path(name), temporary: "\(incoming)/\(number)")
  }

  /// Written aside, made durable at once, then named: two flushes of the disk, however many there are.
  func store(_ blobs: [StoredBlob]) throws(ServerError) {
    if let only = blobs.first, blobs.count == 1 { return try store(only.bytes, only.name) }
    // Opened before anything is written: a write that fails later is told here.
    let fileSystem = try FileSystemFlush(of: directory)
    let numbers = blobs.map { _ in lastNumber.wrappingAdd(1, ordering: .relaxed).newValue }
    let temporaries = numbers.map { "\(incoming)/\($0)" }
    do throws(ServerError) {
      for (blob, temporary) in zip(blobs, temporaries) {
        try DurableFile.writeAside(blob.bytes, to: temporary)
      }
      try fileSystem.flush()
      for (blob, temporary) in zip(blobs, temporaries) {
        let folder = folder(blob.name)
        try DurableFile.makeDirectory(folder.outer, isSynced: false)
        try DurableFile.makeDirectory(folder.inner, isSynced: false)
        guard rename(temporary, path(blob.name)) == 0 else { throw .system(code: errno) }
      }
      try fileSystem.flush()
    } catch {
      for temporary in temporaries { unlink(temporary) }
      throw error
    }
  }

  func bytes(_ name: BlobName) throws(ServerError) -> [UInt8]? {
    try DurableFile.read(path(name), byteCountMax: BlobLimits.byteCountMax)
  }

  func remove(_ name: BlobName) throws(ServerError) {
    guard unlink(path(name)) == 0 || errno == ENOENT else { throw .system(code: errno) }
  }

  func names() throws(ServerError) -> [BlobName] {
    var result: [BlobName] = []
    for outer in try DurableFile.names(in: directory) {
      for inner in try DurableFile.names(in: "\(directory)/\(outer)") {
        for file in try DurableFile.names(in: "\(directory)/\(outer)/\(inner)") {
          if let name = Self.name(file) { result.append(name) }
        }
      }
    }
    return result.sorted()
  }

  /// `nil` for files that are no blobs.
  private static func name(_ file: String) -> BlobName? {
    let parts = file.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, let hash = Digest(hex: parts[0]), let space = SpaceID(hex: parts[1])
    else { return nil }
    return BlobName(space: space, hash: hash)
  }
}

/// How large a blob may be.
enum BlobLimits {
  /// 8 MiB of the payload, and what age adds: 16 bytes for each 64 KiB, and its nonce.
  static let byteCountMax = 8 << 20 | 64 << 10
}
