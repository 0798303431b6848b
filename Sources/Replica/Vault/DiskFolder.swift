import Glibc

/// Folders of the system.
enum DiskFolder {
  /// The names in a folder, sorted by their bytes, so that two runs do the same in the same order.
  ///
  /// A name that is not UTF-8 is given as `nil`, with what can be shown of it.
  static func names(_ path: String) throws -> [(name: String?, shown: String)] {
    guard let folder = opendir(path) else { throw ReplicaError(systemError: errno, path) }
    defer { closedir(folder) }
    var names: [[UInt8]] = []
    while true {
      errno = 0
      guard let entry = readdir(folder) else {
        guard errno == 0 else { throw ReplicaError(systemError: errno, path) }
        break
      }
      let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if bytes != [0x2e] && bytes != [0x2e, 0x2e] { names.append(bytes) }
    }
    return names.sorted { $0.lexicographicallyPrecedes($1) }.map { bytes in
      (String(validating: bytes, as: UTF8.self), String(decoding: bytes, as: UTF8.self))
    }
  }

  /// Makes a folder that only its owner can open, unless there is one; says whether it did.
  @discardableResult
  static func make(_ path: String) throws -> Bool {
    if mkdir(path, 0o700) == 0 { return true }
    guard errno == EEXIST else { throw ReplicaError(systemError: errno, path) }
    var status = stat()
    guard stat(path, &status) == 0, FileStatus(status).kind == .folder else {
      throw ReplicaError.badInput("\(path): not a folder")
    }
    return false
  }

  /// How many bytes an ordinary user can still store beside the path.
  static func freeByteCount(_ path: String) throws -> UInt64 {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { throw ReplicaError(systemError: errno, path) }
    let (bytes, isTooLarge) = UInt64(status.f_bavail)
      .multipliedReportingOverflow(by: UInt64(status.f_frsize))
    return isTooLarge ? .max : bytes
  }

  /// The path without links and dots; `nil` where there is nothing.
  static func resolved(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(validatingCString: resolved)
  }

  static func remove(file path: String) throws {
    guard unlink(path) == 0 || errno == ENOENT else {
      throw ReplicaError(systemError: errno, path)
    }
  }

  /// For cleaning up where nothing can be said any more.
  static func removeIfPossible(file path: String) { _ = unlink(path) }

  static func taken(_ path: String) -> ReplicaError {
    .badInput("\(path): there is a file already; --force replaces it")
  }

  /// Gives a file a new name, over whatever has it.
  static func replace(_ path: String, with temporary: String) throws {
    guard rename(temporary, path) == 0 else { throw ReplicaError(systemError: errno, path) }
  }

  /// Gives a file a new name, and fails where something has it.
  static func place(_ temporary: String, at path: String) throws {
    // A hard link fails atomically where the name is taken; rename does not.
    if link(temporary, path) == 0 { return try remove(file: temporary) }
    switch errno {
    case EEXIST: throw taken(path)
    case EPERM, ENOTSUP, EMLINK, ENOSYS:
      // A file system without hard links.
      var status = stat()
      guard lstat(path, &status) != 0 else { throw taken(path) }
      try replace(path, with: temporary)
    default: throw ReplicaError(systemError: errno, path)
    }
  }
}
