import Foundation

/// Directories of files that never change.
enum FileTree {
  /// Gives every file below one directory a name below another as well, or copies it where the two
  /// are on different disks. What is there already stays.
  static func link(_ source: String, to target: String) throws(ServerError) {
    guard DurableFile.exists(source) else { return }
    try DurableFile.makeDirectory(target)
    for name in try DurableFile.names(in: source) {
      let (from, to) = ("\(source)/\(name)", "\(target)/\(name)")
      if isDirectory(from) {
        try link(from, to: to)
      } else {
        try linkFile(from, to: to)
      }
    }
    try DurableFile.syncDirectory(of: target + "/.")
  }

  private static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  private static func linkFile(_ from: String, to: String) throws(ServerError) {
    if Foundation.link(from, to) == 0 || errno == EEXIST { return }
    // What was collected meanwhile is named by nothing.
    if errno == ENOENT { return }
    guard let bytes = try DurableFile.read(from, byteCountMax: .max) else { return }
    try DurableFile.write(bytes, to: to, temporary: to + ".new")
  }
}
