import CLinux
import Foundation
import Terminal

/// A file, or standard input, that is read in pieces.
final class InputFile {
  /// The word for standard input on a command line.
  static let standardInput = "-"

  /// As people know it; for errors.
  let name: String
  private let descriptor: Int32
  private let isOwned: Bool
  private var isAtEnd = false

  /// - Parameter path: `nil` and “-” for standard input.
  init(_ path: String?) throws(Failure) {
    guard let path, path != Self.standardInput else {
      name = "standard input"
      descriptor = STDIN_FILENO
      isOwned = false
      // A pipe of the usual size would hold less than there are cores to keep busy. It may be no
      // pipe, or the system may allow no more; then it stays as it is.
      _ = fcntl(descriptor, satchel_set_pipe_size, Int32(1 << 20))
      return
    }
    name = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
    isOwned = true
    guard descriptor >= 0 else { throw Self.failure(path) }
  }

  deinit { if isOwned, descriptor >= 0 { close(descriptor) } }

  /// Fills the front of the buffer with what is there, and waits only for the first byte, so that a
  /// slow writer's bytes are passed on as they come; 0 at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
    var filled = 0
    while filled < buffer.count, !isAtEnd, filled == 0 || hasMore {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
      let count = Foundation.read(descriptor, rest.baseAddress, rest.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Self.failure(name) }
      // A terminal has an end once, and goes on after it.
      if count == 0 { isAtEnd = true }
      filled += count
    }
    return filled
  }

  private var hasMore: Bool {
    var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&waiting, 1, 0) > 0
  }

  private static func failure(_ name: String) -> Failure {
    Failure("\(name) cannot be read: \(String(cString: strerror(errno)))")
  }
}
