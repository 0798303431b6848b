import Foundation

@testable import Terminal

/// The failure that a call throws; nil when it throws none.
func failure<R>(_ body: () throws -> R) -> Failure? {
  do {
    _ = try body()
    return nil
  } catch {
    return error as? Failure
  }
}

/// A pipe whose content is read once the writing end is closed.
final class CapturingPipe {
  let writingEnd: Int32
  private let readingEnd: Int32

  init() {
    var ends: [Int32] = [0, 0]
    precondition(pipe(&ends) == 0)
    readingEnd = ends[0]
    writingEnd = ends[1]
  }

  func text() -> String {
    close(writingEnd)
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(readingEnd, &buffer, buffer.count)
      guard count > 0 else { break }
      bytes += buffer[..<count]
    }
    close(readingEnd)
    return String(decoding: bytes, as: UTF8.self)
  }

  func closeReadingEnd() { close(readingEnd) }
}

/// A file that is gone when the test is over.
final class TemporaryFile {
  let path: String

  init(_ bytes: [UInt8], mode: mode_t = 0o600) throws {
    var template = Array("/tmp/terminal-tests-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    precondition(descriptor >= 0)
    path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    fchmod(descriptor, mode)
    let written = write(descriptor, bytes, bytes.count)
    precondition(written == bytes.count)
    close(descriptor)
  }

  deinit { unlink(path) }
}
