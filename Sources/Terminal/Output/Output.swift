import Foundation
import Synchronization

/// Where a command's results, notes and failures go.
///
/// Results go to standard output, all else to standard error. A reader that goes away early
/// (`| head`) ends the output quietly, and is no failure of the command.
public final class Output: Sendable {
  private struct State {
    var errorCode: Int32?
  }

  private let standardOutput: Int32
  private let standardError: Int32
  private let isQuiet: Bool
  private let state = Mutex(State())

  public static let standard = Output()

  /// - Parameters:
  ///   - isQuiet: leaves notes out, not warnings and failures.
  ///   - standardOutput: a file descriptor, which stays the caller's.
  public init(isQuiet: Bool = false, standardOutput: Int32 = 1, standardError: Int32 = 2) {
    self.isQuiet = isQuiet
    self.standardOutput = standardOutput
    self.standardError = standardError
    // Without this the end of a pipe would end the process, with its work half done.
    signal(SIGPIPE, SIG_IGN)
  }

  /// Text as it is: already safe, or meant byte for byte.
  public func write(_ text: String) {
    var text = text
    text.withUTF8 { write(UnsafeRawBufferPointer($0)) }
  }

  /// Bytes as they are, such as a file's.
  public func write(_ bytes: UnsafeRawBufferPointer) {
    state.withLock { state in
      guard state.errorCode == nil else { return }
      state.errorCode = Output.write(bytes, to: standardOutput)
    }
  }

  /// Bytes of a stream of which a part is worth little: throws when they cannot be written, also
  /// when the reader has gone.
  public func stream(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
    write(bytes)
    guard let code = state.withLock(\.errorCode) else { return }
    guard code != EPIPE else {
      throw Failure("standard output was closed before everything was written")
    }
    throw Output.problem(code)
  }

  /// A line for people; control characters are escaped.
  public func line(_ text: String) { write(Text.printable(text) + "\n") }

  public func table(_ table: Table) { write(table.text) }

  public func json(_ value: JSONValue) { write(value.text) }

  /// What a person may want to know and a machine does not.
  public func note(_ text: String) {
    if !isQuiet { writeError("\(Text.printable(text))\n") }
  }

  public func warning(_ text: String) { writeError("warning: \(Text.printable(text))\n") }

  public func report(_ failure: Failure) { writeError(failure.lines) }

  /// Why output was lost; nil when none was, or when its reader had enough.
  public var writeProblem: Failure? {
    guard let code = state.withLock(\.errorCode), code != EPIPE else { return nil }
    return Output.problem(code)
  }

  private static func problem(_ code: Int32) -> Failure {
    Failure("the output could not be written: \(String(cString: strerror(code)))")
  }

  func writeError(_ text: String) {
    var text = text
    text.withUTF8 { bytes in _ = Output.write(UnsafeRawBufferPointer(bytes), to: standardError) }
  }

  private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32? {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = Foundation.write(descriptor, rest.base.baseAddress! + rest.startIndex, rest.count)
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else if errno == EAGAIN {
        var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&wait, 1, -1)
      } else if errno != EINTR {
        return errno
      }
    }
    return nil
  }
}
