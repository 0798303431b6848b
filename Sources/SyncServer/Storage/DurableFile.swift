import Foundation

/// Files that are whole or not there, and still there after a loss of power.
enum DurableFile {
  /// Writes a file under a temporary name, syncs it, and gives it its name.
  ///
  /// - Parameter temporary: on the same file system; nobody else writes there at the same time.
  /// - Throws: ``ServerError/system(code:)``; `ENOSPC` and `EDQUOT` mean that the disk is full.
  static func write(
    _ bytes: [UInt8], to path: String, temporary: String
  ) throws(ServerError) {
    try writeAside(bytes, to: temporary, isSynced: true)
    try rename(temporary, to: path)
  }

  /// Writes a file that nobody looks for yet; nothing of it stays where that fails.
  ///
  /// - Parameter isSynced: without, whoever calls this makes it durable.
  static func writeAside(
    _ bytes: [UInt8], to temporary: String, isSynced: Bool = false
  ) throws(ServerError) {
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .system(code: errno) }
    defer { close(descriptor) }
    do throws(ServerError) {
      try writeAll(bytes, to: descriptor)
      if isSynced, fsync(descriptor) != 0 { throw .system(code: errno) }
    } catch {
      unlink(temporary)
      throw error
    }
  }

  private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) throws(ServerError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR {
        throw .system(code: errno)
      }
    }
  }

  /// Makes an empty file that only its owner can read: what opens it later keeps that.
  static func makeEmpty(_ path: String) throws(ServerError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .system(code: errno) }
    close(descriptor)
  }

  /// Renames, and syncs the directory so that the new name lasts.
  static func rename(_ from: String, to path: String) throws(ServerError) {
    guard Foundation.rename(from, path) == 0 else {
      let code = errno
      unlink(from)
      throw .system(code: code)
    }
    try syncDirectory(of: path)
  }

  /// Makes a file durable that somebody else wrote.
  static func sync(_ path: String) throws(ServerError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system(code: errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw .system(code: errno) }
  }

  static func syncDirectory(of path: String) throws(ServerError) {
    let parent = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    let descriptor = open(parent.isEmpty ? "/" : parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system(code: errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw .system(code: errno) }
  }

  /// The file's bytes, or `nil` where there is no file.
  static func read(_ path: String, byteCountMax: Int) throws(ServerError) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw .system(code: errno)
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .system(code: errno) }
    guard status.st_size <= byteCountMax else { throw .system(code: EFBIG) }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var start = 0
    while start < bytes.count {
      let count = bytes.withUnsafeMutableBytes {
        Foundation.read(descriptor, $0.baseAddress! + start, $0.count - start)
      }
      if count == 0 { break }
      if count > 0 {
        start += count
      } else if errno != EINTR {
        throw .system(code: errno)
      }
    }
    return Array(bytes.prefix(start))
  }

  /// The names in a directory, sorted; none where the path is no directory.
  static func names(in directory: String) throws(ServerError) -> [String] {
    guard let stream = opendir(directory) else {
      if errno == ENOTDIR { return [] }
      throw .system(code: errno)
    }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Makes a directory for its owner only; one that is there is made so.
  static func makeDirectory(_ path: String, isSynced: Bool = true) throws(ServerError) {
    if mkdir(path, 0o700) == 0 {
      if isSynced { try syncDirectory(of: path) }
      return
    }
    guard errno == EEXIST else { throw .system(code: errno) }
    guard chmod(path, 0o700) == 0 else { throw .system(code: errno) }
  }
}
