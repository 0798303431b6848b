import Foundation

/// How many files and connections this process may have open.
enum OpenFiles {
  /// Raises the limit as far as the system lets this process.
  ///
  /// - Returns: the limit now; at least 1,024, which is the least that systems have.
  static func raiseLimit() -> Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
    limit.rlim_cur = limit.rlim_max
    _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
    return max(1024, Int(clamping: limit.rlim_cur))
  }
}
