import Foundation

/// Which file a database is: a copy that was put back in its place has another inode, or another time
/// of its last change, which nobody can set.
struct FilePlace: Sendable {
  private let layout: SyncServer.Layout

  init(_ layout: SyncServer.Layout) { self.layout = layout }

  /// Whether the database is not the file that was closed the last time.
  func isOther() throws(ServerError) -> Bool {
    guard let kept = try DurableFile.read(layout.place, byteCountMax: 256) else { return true }
    return try kept != present()
  }

  /// After the database was closed.
  func keep() throws(ServerError) {
    try DurableFile.write(present(), to: layout.place, temporary: layout.place + ".new")
  }

  /// Before anything is written: a process that ends badly leaves nothing to compare with.
  func forget() throws(ServerError) {
    guard unlink(layout.place) == 0 || errno == ENOENT else { throw .system(code: errno) }
    try DurableFile.syncDirectory(of: layout.place)
  }

  private func present() throws(ServerError) -> [UInt8] {
    var status = stat()
    guard stat(layout.database, &status) == 0 else { throw .system(code: errno) }
    let changed = status.st_ctim
    return Array(
      "\(status.st_dev) \(status.st_ino) \(changed.tv_sec).\(changed.tv_nsec)".utf8)
  }
}
