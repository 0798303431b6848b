import Foundation

/// A pseudo-terminal: the test is the person at it.
package final class PseudoTerminal {
  package let path: String
  private let person: Int32
  /// Kept open, as a shell would, so that the terminal stays while nobody reads from it.
  private let shell: Int32

  package init() throws {
    person = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    // TIOCSPTLCK and TIOCGPTN of <asm-generic/ioctls.h>: macros that Swift does not import.
    var lock: Int32 = 0
    var number: Int32 = 0
    guard person >= 0, ioctl(person, 0x4004_5431, &lock) == 0,
      ioctl(person, 0x8004_5430, &number) == 0
    else { throw POSIXError(.ENXIO) }
    path = "/dev/pts/\(number)"
    shell = open(path, O_RDWR | O_NOCTTY)
  }

  deinit {
    close(shell)
    close(person)
  }

  package var mode: termios {
    var mode = termios()
    tcgetattr(shell, &mode)
    return mode
  }

  package func type(_ text: String) { _ = write(person, text, text.utf8.count) }

  /// What the terminal shows, up to and with the text; stops after ten seconds.
  package func screen(through text: String) -> String {
    var shown: [UInt8] = []
    // By bytes: as characters, "\r\n" does not end with "\n".
    while !shown.suffix(text.utf8.count).elementsEqual(text.utf8) {
      var waiting = pollfd(fd: person, events: Int16(POLLIN), revents: 0)
      guard poll(&waiting, 1, 10_000) > 0 else { break }
      var byte: UInt8 = 0
      guard read(person, &byte, 1) == 1 else { break }
      shown.append(byte)
    }
    return String(decoding: shown, as: UTF8.self)
  }
}
