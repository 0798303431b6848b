import Foundation

/// A bound and listening TCP socket, made here rather than by the library, so that each failure has
/// its own error and the port is known.
struct ListeningSocket {
  let descriptor: Int32
  let port: UInt16

  init(host: String, port: UInt16) throws(HTTPServerError) {
    guard let address = SocketAddress(host: host, port: port) else {
      throw HTTPServerError.addressInvalid
    }
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let descriptor = socket(address.family, kind | Int32(SOCK_NONBLOCK.rawValue), 0)
    guard descriptor >= 0 else { throw HTTPServerError(code: errno) }
    // A restarted server has to bind while connections of the last one are still in TIME_WAIT.
    var on: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
    guard address.withPointer({ bind(descriptor, $0, $1) }) == 0, listen(descriptor, 511) == 0
    else {
      let code = errno
      close(descriptor)
      throw HTTPServerError(code: code)
    }
    self.descriptor = descriptor
    self.port = SocketAddress(boundTo: descriptor)?.port ?? port
  }
}

extension HTTPServerError {
  fileprivate init(code: Int32) {
    switch code {
    case EADDRINUSE: self = .addressInUse
    case EADDRNOTAVAIL: self = .addressNotAvailable
    case EACCES, EPERM: self = .addressNotPermitted
    default: self = .systemFailure(code: code)
    }
  }
}
