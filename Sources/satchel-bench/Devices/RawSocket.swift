import Foundation
import SyncProtocol
import Terminal

/// A connection that sends one request and waits, with as little memory on this side as can be.
final class RawSocket {
  private let descriptor: Int32

  init(port: UInt16, sending request: Request) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw Failure("no socket: \(errno)") }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else { throw Failure("no connection: \(errno)") }
    let head =
      "\(request.method.rawValue) \(request.path) HTTP/1.1\r\nHost: 127.0.0.1\r\n"
      + "Authorization: Bearer \(request.token ?? "")\r\nContent-Type: application/cbor\r\n"
      + "Content-Length: \(request.body.count)\r\n\r\n"
    let bytes = Array(head.utf8) + request.body
    guard send(descriptor, bytes, bytes.count, 0) == bytes.count else {
      throw Failure("not sent: \(errno)")
    }
  }

  deinit { close(descriptor) }
}
