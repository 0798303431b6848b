import Foundation
import Terminal

/// A file that was not there before, for its owner's eyes only.
enum NewFile {
  static func write(_ bytes: [UInt8], to path: String) throws {
    try bytes.withUnsafeBytes { try write($0, to: path) }
  }

  /// Makes no copy of the bytes.
  static func write(_ bytes: UnsafeRawBufferPointer, to path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      if errno == EEXIST { throw Failure("there is a file at \(path) already") }
      throw Failure("\(path) cannot be made: \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    guard writeAll(bytes, to: descriptor), fsync(descriptor) == 0 else {
      unlink(path)
      throw Failure("\(path) could not be written")
    }
  }

  private static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Bool {
    var left = bytes
    while !left.isEmpty {
      let count = Foundation.write(descriptor, left.baseAddress, left.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      left = UnsafeRawBufferPointer(rebasing: left[count...])
    }
    return true
  }
}
