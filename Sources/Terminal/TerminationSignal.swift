import Foundation

/// Notices the request to end, `SIGTERM` or `SIGINT`, so that a program can stop in order.
///
/// From ``prepare()`` on, the first signal of a kind no longer ends the process; the second does:
/// who presses Ctrl-C twice does not want to wait.
public enum TerminationSignal {
  /// A pipe that the signal handler writes to: one of the few things a handler may do.
  private struct SelfPipe {
    let readingEnd: Int32
    let writingEnd: Int32

    init() {
      var ends: [Int32] = [-1, -1]
      precondition(pipe(&ends) == 0, "no file descriptors left")
      for end in ends {
        // A full pipe must not block the handler, and no child process inherits it.
        _ = fcntl(end, F_SETFL, O_NONBLOCK)
        _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      }
      readingEnd = ends[0]
      writingEnd = ends[1]
    }
  }

  private static let selfPipe = SelfPipe()

  /// Signals from here on are noticed instead of ending the process. For a program's first lines.
  public static func prepare() {
    // Made before a handler can run: making it is not safe in one.
    _ = selfPipe
    var action = sigaction()
    action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND)) | SA_RESTART
    action.__sigaction_handler.sa_handler = { _ in
      let code = errno
      var byte: UInt8 = 1
      _ = write(TerminationSignal.selfPipe.writingEnd, &byte, 1)
      errno = code
    }
    for number in [SIGTERM, SIGINT] { sigaction(number, &action, nil) }
    // Whoever started the program may have had them blocked, and a new process inherits that.
    var noticed = sigset_t()
    sigemptyset(&noticed)
    for number in [SIGTERM, SIGINT] { sigaddset(&noticed, number) }
    pthread_sigmask(SIG_UNBLOCK, &noticed, nil)
  }

  /// Whether the request has come; for work that asks now and then.
  public static var hasCome: Bool { poll(milliseconds: 0) }

  /// Blocks until the request comes; false when the time was over first. Several threads may wait.
  @discardableResult
  public static func wait(timeoutSeconds: Double) -> Bool {
    poll(milliseconds: Int32(min(max(timeoutSeconds * 1000, 0), 86_400_000)))
  }

  /// Prepares, and blocks until the request comes.
  public static func wait() {
    if !hasCome { prepare() }
    while !poll(milliseconds: -1) {}
  }

  /// The byte stays in the pipe, so that all who ask later see it too.
  private static func poll(milliseconds: Int32) -> Bool {
    var waiting = pollfd(fd: selfPipe.readingEnd, events: Int16(POLLIN), revents: 0)
    let deadline = DispatchTime.now() + .milliseconds(Int(milliseconds))
    while true {
      let count = Foundation.poll(&waiting, 1, milliseconds)
      if count > 0 { return true }
      // Only the signal's own thread is interrupted; it finds the byte on the next turn.
      guard count < 0, errno == EINTR, milliseconds < 0 || DispatchTime.now() < deadline else {
        return false
      }
    }
  }

  /// Forgets a request that came. For tests.
  static func reset() {
    var byte: UInt8 = 0
    while read(selfPipe.readingEnd, &byte, 1) == 1 {}
    for number in [SIGTERM, SIGINT] { signal(number, SIG_DFL) }
  }
}
