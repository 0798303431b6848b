import Glibc

/// What the system says about a file: enough to tell whether it stayed as it was.
struct FileStatus: Hashable {
  enum Kind: Hashable {
    case file
    case folder
    case link
    /// A pipe, socket or device.
    case special
  }

  let kind: Kind
  let byteCount: Int
  let device: UInt64
  let inode: UInt64
  let modifiedSeconds: Int
  let modifiedNanoseconds: Int

  init(_ status: stat) {
    switch status.st_mode & S_IFMT {
    case S_IFREG: kind = .file
    case S_IFDIR: kind = .folder
    case S_IFLNK: kind = .link
    default: kind = .special
    }
    byteCount = Int(status.st_size)
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    modifiedSeconds = status.st_mtim.tv_sec
    modifiedNanoseconds = status.st_mtim.tv_nsec
  }

  /// Of what lies at a path; of a link itself.
  init(at path: String) throws {
    var status = stat()
    guard lstat(path, &status) == 0 else { throw ReplicaError(systemError: errno, path) }
    self.init(status)
  }

  /// Milliseconds since 1970, rounded down.
  var modifiedMilliseconds: Int64 {
    Int64(modifiedSeconds) * 1000 + Int64(modifiedNanoseconds / 1_000_000)
  }
}
