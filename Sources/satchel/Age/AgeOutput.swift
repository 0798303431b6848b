import Foundation
import Replica
import Signing
import Terminal

/// Where the result of sealing or opening goes: a file that appears whole or not at all; or standard
/// output, a pipe or a device, which get it piece by piece.
final class AgeOutput {
  private enum Target {
    case file(PlacedFile)
    case stream(Output)
    case special(path: String, descriptor: Int32)
  }

  private let target: Target
  private(set) var byteCount: UInt64 = 0

  /// Whether a part of it may be with its reader already when something goes wrong.
  var isStream: Bool { if case .file = target { false } else { true } }

  /// - Parameter path: `nil` and “-” for standard output.
  init(
    _ path: String?, overwrites: Bool, standardOutput: Output, random: any RandomSource
  ) throws {
    guard let path, path != "-" else {
      target = .stream(standardOutput)
      return
    }
    // What `/dev/null` and a named pipe are must not be replaced by a file.
    if Self.isSpecial(path) {
      let descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY)
      guard descriptor >= 0 else { throw Self.failure(path) }
      target = .special(path: path, descriptor: descriptor)
    } else {
      target = .file(try PlacedFile(at: path, overwrites: overwrites, random: random))
    }
  }

  deinit { if case .special(_, let descriptor) = target { close(descriptor) } }

  static func isTerminal(_ path: String?) -> Bool { path == nil && isatty(STDOUT_FILENO) == 1 }

  private static func isSpecial(_ path: String) -> Bool {
    var status = stat()
    guard stat(path, &status) == 0 else { return false }
    return ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT)
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws {
    switch target {
    case .file(let file): try file.write(bytes)
    case .stream(let output): try output.stream(bytes)
    case .special(let path, let descriptor): try Self.write(bytes, descriptor, path)
    }
    byteCount += UInt64(bytes.count)
  }

  private static func write(
    _ bytes: UnsafeRawBufferPointer, _ descriptor: Int32, _ path: String
  ) throws(Failure) {
    var rest = bytes
    while !rest.isEmpty {
      let count = Foundation.write(descriptor, rest.baseAddress, rest.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure(path) }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }

  private static func failure(_ path: String) -> Failure {
    Failure("\(path) cannot be written: \(String(cString: strerror(errno)))")
  }

  /// All of it is there: a file gets its name.
  func finish() throws { if case .file(let file) = target { try file.place() } }
}
