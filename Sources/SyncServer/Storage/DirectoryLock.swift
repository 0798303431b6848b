import Foundation

/// Keeps a second process out of a data directory, until it is dropped or the process ends
/// (`flock`; nothing is left behind by a crash).
final class DirectoryLock: Sendable {
  private let descriptor: Int32

  init(path: String) throws(ServerError) {
    // From here on `deinit` closes it, also where this throws: a second close would hit a descriptor
    // that another thread has opened meanwhile.
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .system(code: errno) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      throw code == EWOULDBLOCK ? .inUse : .system(code: code)
    }
  }

  deinit {
    guard descriptor >= 0 else { return }
    // A process that is just being started by another thread has a copy of the descriptor for a moment,
    // which would keep the lock.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }
}
