import Foundation
import Signing
import Terminal

/// A file with a secret in it, read into memory that is wiped.
enum SecretFile {
  static let byteCountMax = 64 * 1024

  /// - Parameter path: `-` for standard input.
  static func read<Result>(
    _ path: String, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
    guard descriptor >= 0 else {
      throw Failure("\(path) cannot be read: \(String(cString: strerror(errno)))")
    }
    defer { if descriptor != STDIN_FILENO { close(descriptor) } }
    var bytes = SecretBytes(count: byteCountMax + 1)
    let count = try bytes.withUnsafeMutableBytes { try fill($0, from: descriptor, path) }
    guard count <= byteCountMax else { throw Failure("\(path) is too large") }
    return try bytes.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
  }

  private static func fill(
    _ buffer: UnsafeMutableRawBufferPointer, from descriptor: Int32, _ path: String
  ) throws -> Int {
    var count = 0
    while count < buffer.count {
      let free = UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
      let read = Foundation.read(descriptor, free.baseAddress, free.count)
      if read < 0, errno == EINTR { continue }
      guard read >= 0 else {
        throw Failure("\(path) cannot be read: \(String(cString: strerror(errno)))")
      }
      if read == 0 { break }
      count += read
    }
    return count
  }
}
