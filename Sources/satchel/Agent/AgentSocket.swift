import CLinux
import Foundation

/// The agent's socket: `agent.sock` in the home, which only its owner can enter.
///
/// A Unix socket's path has room for 107 bytes; homes may lie deeper, so the socket is addressed
/// through an open descriptor of its folder.
struct AgentSocket {
  private let folder: Int32

  init?(home: String) {
    folder = open(home, satchel_open_path | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { return nil }
  }

  func close() { _ = Glibc.close(folder) }

  func remove() { unlinkat(folder, "agent.sock", 0) }

  func listen() -> Int32? {
    remove()
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    guard withAddress({ bind(descriptor, $0, $1) }) == 0, Glibc.listen(descriptor, 8) == 0 else {
      _ = Glibc.close(descriptor)
      return nil
    }
    return descriptor
  }

  func connect() -> Int32? {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    guard withAddress({ Glibc.connect(descriptor, $0, $1) }) == 0 else {
      _ = Glibc.close(descriptor)
      return nil
    }
    return descriptor
  }

  private func withAddress(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let path = Array("/proc/self/fd/\(folder)/agent.sock".utf8)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }

  /// Whether the process at the other end runs as the same user.
  static func isOwnUser(_ descriptor: Int32) -> Bool {
    satchel_peer_user(descriptor) == Int(getuid())
  }
}
