import Foundation
import Sealing
import Signing

/// Asks a running agent for the password key.
enum AgentClient {
  /// One byte says what is wanted.
  enum Wish: UInt8 {
    case key = 1
    case stop = 2
  }

  /// `nil` where no agent runs for the home, or it does not answer.
  static func passwordKey(home: String) -> SymmetricKey? {
    guard let descriptor = connect(home, .key) else { return nil }
    defer { close(descriptor) }
    var secret = SecretBytes(count: 32)
    let isWhole = secret.withUnsafeMutableBytes { buffer in
      var filled = 0
      while filled < buffer.count {
        let count = read(descriptor, buffer.baseAddress! + filled, buffer.count - filled)
        if count <= 0 { return false }
        filled += count
      }
      return true
    }
    return isWhole ? SymmetricKey(copying: secret) : nil
  }

  /// Ends the agent of a home, and its keys with it.
  ///
  /// - Returns: whether there was one.
  @discardableResult
  static func stop(home: String) -> Bool {
    guard let descriptor = connect(home, .stop) else { return false }
    defer { close(descriptor) }
    // The agent closes the connection after it has wiped the key.
    var byte: UInt8 = 0
    return read(descriptor, &byte, 1) == 0
  }

  private static func connect(_ home: String, _ wish: Wish) -> Int32? {
    guard let socket = AgentSocket(home: home) else { return nil }
    defer { socket.close() }
    guard let descriptor = socket.connect() else { return nil }
    guard AgentSocket.isOwnUser(descriptor) else {
      close(descriptor)
      return nil
    }
    var timeout = timeval(tv_sec: 2, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    var byte = wish.rawValue
    guard write(descriptor, &byte, 1) == 1 else {
      close(descriptor)
      return nil
    }
    return descriptor
  }
}
