import CLinux
import Foundation

/// What every run of the program does before it touches a secret.
enum ProcessHardening {
  static func apply() {
    // No core dump and no debugger of another process: either would hold keys.
    _ = satchel_forbid_dumps()
    var limit = rlimit(rlim_cur: 0, rlim_max: 0)
    _ = setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
    // New files are their owner's alone.
    umask(0o077)
  }
}
