import Foundation
import Synchronization

/// Tells whether a data directory goes on where its server left it, or has been set back to a copy.
///
/// A small file beside the database. After each transaction the server writes into it how many there
/// have been; a database that counts fewer is an older one. A copy of the whole directory has an old
/// mark as well, so the mark also names its own file and when it was written: a copy is another file,
/// or one that was last changed at another time, which nobody can set.
///
/// The mark is not synced: what ends a process leaves it as it was, and after a loss of power it may
/// be behind the database, which is no copy either.
final class ContinuityMark: Sendable {
  /// How much later than it says the mark may have been changed: a loss of power can keep a change's
  /// time and lose what was written.
  private static let toleranceSeconds = -1.0...60.0
  /// One line, and as long each time: a write in place, never a file that is half there.
  private static let byteCount = 80

  private let path: String
  private let descriptor = Mutex<Int32?>(nil)

  init(_ layout: SyncServer.Layout) { path = layout.mark }

  deinit {
    if let descriptor = descriptor.withLock({ $0 }) { close(descriptor) }
  }

  /// - Parameter count: the transactions that the database knows of.
  func isContinued(by count: UInt64) throws(ServerError) -> Bool {
    guard let bytes = try DurableFile.read(path, byteCountMax: 256) else { return false }
    let words = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
    var status = stat()
    guard words.count == 4, let noted = UInt64(words[0]), let writtenAt = Double(words[3]),
      stat(path, &status) == 0, words[1] == "\(status.st_dev)", words[2] == "\(status.st_ino)"
    else { return false }
    let changedAt = Double(status.st_ctim.tv_sec) + Double(status.st_ctim.tv_nsec) / 1e9
    return noted <= count && Self.toleranceSeconds.contains(changedAt - writtenAt)
  }

  /// After a transaction is durable, and before anybody is told.
  ///
  /// That it cannot be written is no reason to fail what has been done: an older mark says less, and
  /// nothing wrong.
  func note(_ count: UInt64) {
    descriptor.withLock { descriptor in
      if descriptor == nil {
        let opened = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        descriptor = opened < 0 ? nil : opened
      }
      guard let descriptor else { return }
      var status = stat()
      var now = timespec()
      guard fstat(descriptor, &status) == 0, clock_gettime(CLOCK_REALTIME, &now) == 0 else {
        return
      }
      let seconds = Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
      let words = "\(count) \(status.st_dev) \(status.st_ino) \(seconds)"
      let line = words.padding(toLength: Self.byteCount - 1, withPad: " ", startingAt: 0) + "\n"
      _ = line.utf8CString.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, Self.byteCount, 0) }
    }
  }
}
