import Foundation

/// Asks on a terminal without echo.
///
/// The terminal is put into a mode where keys arrive one by one and Ctrl-C is a key, so that no key
/// can end the process while echo is off. Signals from elsewhere are held back while it reads, and
/// take effect after the terminal's own mode is back.
final class PasswordTerminal {
  private let descriptor: Int32
  private static let heldSignals = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP]

  init(path: String) throws(Failure) {
    descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY)
    guard descriptor >= 0, isatty(descriptor) == 1 else {
      throw Failure(
        "a password is needed, and there is no terminal to ask on",
        hint: "use --password-file, --password-fd or \(PasswordSource.environmentVariable)")
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Reads up to Enter. Backspace removes a character, Ctrl-U all; Ctrl-C, and Ctrl-D on an empty
  /// line, give up.
  func readLine(prompt: String, into line: WipedBuffer) throws(Failure) {
    let signals = HeldSignals(PasswordTerminal.heldSignals)
    defer { signals.release() }
    var original = termios()
    guard tcgetattr(descriptor, &original) == 0 else { throw PasswordTerminal.lost }
    var mode = original
    mode.c_lflag &= ~tcflag_t(ECHO | ECHONL | ICANON | ISIG | IEXTEN)
    mode.c_iflag |= tcflag_t(ICRNL)
    guard tcsetattr(descriptor, TCSAFLUSH, &mode) == 0 else { throw PasswordTerminal.lost }
    defer {
      tcsetattr(descriptor, TCSAFLUSH, &original)
      show("\n")
    }
    show(prompt)
    try readKeys(into: line, signals: signals)
  }

  private func readKeys(into line: WipedBuffer, signals: HeldSignals) throws(Failure) {
    while true {
      guard signals.waitForInput(on: descriptor) else { throw PasswordTerminal.interrupted }
      var key: UInt8 = 0
      let count = read(descriptor, &key, 1)
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      guard count == 1 else { throw PasswordTerminal.lost }
      switch key {
      case UInt8(ascii: "\n"), UInt8(ascii: "\r"): return
      case 0x03: throw PasswordTerminal.interrupted
      case 0x04:
        if line.count == 0 { throw PasswordTerminal.interrupted }
      case 0x08, 0x7f: removeCharacter(line)
      case 0x15: line.wipe()
      default:
        guard line.append(key) else { throw PasswordReader.tooLong() }
      }
      key = 0
    }
  }

  /// One character of UTF-8: its continuation bytes, and the byte they continue.
  private func removeCharacter(_ line: WipedBuffer) {
    while let last = line.bytes.last {
      line.removeLast()
      if last & 0xc0 != 0x80 { break }
    }
  }

  private func show(_ text: String) {
    var text = text
    text.withUTF8 { bytes in _ = write(descriptor, bytes.baseAddress, bytes.count) }
  }

  private static let interrupted = Failure("interrupted")
  private static let lost = Failure("the terminal went away")
}

/// Signals that wait, for this thread, until they are released.
private struct HeldSignals {
  private let signals: [Int32]
  private var previous = sigset_t()

  init(_ signals: [Int32]) {
    self.signals = signals
    var set = sigset_t()
    sigemptyset(&set)
    for signal in signals { sigaddset(&set, signal) }
    pthread_sigmask(SIG_BLOCK, &set, &previous)
  }

  /// True when there is input; false when a held signal has come instead.
  func waitForInput(on descriptor: Int32) -> Bool {
    var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    while !hasPending {
      if poll(&waiting, 1, 100) > 0 { return true }
    }
    return false
  }

  private var hasPending: Bool {
    var pending = sigset_t()
    sigpending(&pending)
    return signals.contains { sigismember(&pending, $0) == 1 }
  }

  /// Held signals that came take effect now.
  func release() {
    var previous = previous
    pthread_sigmask(SIG_SETMASK, &previous, nil)
  }
}
