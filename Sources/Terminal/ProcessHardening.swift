import CLinux
import Foundation

/// What a program that holds keys does before it touches one.
public enum ProcessHardening {
  /// No core dump and no debugger of another process: either would hold keys.
  public static func forbidDumps() {
    _ = satchel_forbid_dumps()
    var limit = rlimit(rlim_cur: 0, rlim_max: 0)
    _ = setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
  }

  /// New files are their owner's alone.
  public static func keepFilesPrivate() { umask(0o077) }
}
