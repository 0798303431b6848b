import CLinux
import Glibc

/// An open file of the system; closed with its last reference.
final class OpenFile {
  let path: String
  private let descriptor: Int32

  private init(path: String, flags: Int32) throws {
    self.path = path
    descriptor = open(path, flags | O_CLOEXEC | O_NOCTTY, 0o600)
    guard descriptor >= 0 else { throw ReplicaError(systemError: errno, path) }
  }

  deinit { if descriptor >= 0 { _ = Glibc.close(descriptor) } }

  /// Opens a file to read it. A link is not followed, and a pipe without a writer does not block.
  static func reading(_ path: String) throws -> OpenFile {
    try OpenFile(path: path, flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  }

  /// Makes a new file that only its owner can read.
  static func creating(_ path: String) throws -> OpenFile {
    try OpenFile(path: path, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
  }

  /// Opens a file or device that exists, to write at its start.
  static func writing(_ path: String) throws -> OpenFile {
    try OpenFile(path: path, flags: O_WRONLY)
  }

  /// Makes the names in a folder durable.
  static func synchronize(folder path: String) throws {
    try OpenFile(path: path, flags: O_RDONLY | O_DIRECTORY).synchronize()
  }

  /// Opens a folder, to make durable what is written to its file system from now on.
  static func folder(_ path: String) throws -> OpenFile {
    try OpenFile(path: path, flags: O_RDONLY | O_DIRECTORY)
  }

  /// Returns when everything that was written to this file's file system is on the disk: for many small
  /// files it takes little longer than ``synchronize()`` for one of them. Fails if a write has failed
  /// since this file was opened.
  func synchronizeFileSystem() throws {
    guard satchel_sync_file_system(descriptor) == 0 else {
      throw ReplicaError(systemError: errno, path)
    }
  }

  /// Fills the front of the buffer; 0 at the end of the file.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    while true {
      let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      if count >= 0 { return count }
      guard errno == EINTR else { throw ReplicaError(systemError: errno, path) }
    }
  }

  /// Fills the whole buffer unless the file ends before; gives how much it filled.
  func readFully(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    var filled = 0
    while filled < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
      let count = try read(into: rest)
      if count == 0 { break }
      filled += count
    }
    return filled
  }

  /// Goes on reading at `offset` bytes from the start.
  func seek(to offset: Int) throws {
    guard lseek(descriptor, off_t(offset), SEEK_SET) >= 0 else {
      throw ReplicaError(systemError: errno, path)
    }
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes
    while let address = rest.baseAddress, !rest.isEmpty {
      let count = Glibc.write(descriptor, address, rest.count)
      if count < 0 {
        guard errno == EINTR else { throw ReplicaError(systemError: errno, path) }
        continue
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }

  /// Returns when everything is on the disk.
  func synchronize() throws {
    guard fsync(descriptor) == 0 else { throw ReplicaError(systemError: errno, path) }
  }

  /// Begins to bring what was written to the disk, and does not wait: less is left to wait for later.
  func beginWriting() { satchel_begin_writing(descriptor) }

  func status() throws -> FileStatus {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw ReplicaError(systemError: errno, path) }
    return FileStatus(status)
  }

  /// Sets when the file was last modified; milliseconds since 1970.
  func setModified(_ milliseconds: Int64) throws {
    let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
    // A time before 1970 has its fraction counted forwards, too.
    let time =
      rest < 0
      ? timespec(tv_sec: Int(seconds) - 1, tv_nsec: Int(rest + 1000) * 1_000_000)
      : timespec(tv_sec: Int(seconds), tv_nsec: Int(rest) * 1_000_000)
    guard futimens(descriptor, [time, time]) == 0 else {
      throw ReplicaError(systemError: errno, path)
    }
  }
}

extension ReplicaError {
  /// What the system said about a path.
  init(systemError code: Int32, _ path: String) {
    switch code {
    case ENOSPC, EDQUOT: self = .diskFull
    case ENOENT, ENOTDIR: self = .notFound(path)
    case ELOOP: self = .badInput("\(path): a link, which is not followed")
    default: self = .badInput("\(path): \(String(cString: strerror(code)))")
    }
  }
}
