import CMicroHTTPD
import Foundation

/// A connection of the library.
///
/// `@unchecked Sendable`: a raw pointer. It leaves its thread only for ``resume()``, which the
/// library allows on any thread, and only while the connection is suspended, which keeps it alive.
struct ConnectionReference: @unchecked Sendable {
  let pointer: OpaquePointer

  var key: ConnectionWatch.Key { ConnectionWatch.Key(bitPattern: pointer) }

  var descriptor: Int32 { satchel_connection_socket(pointer) }

  var clientAddress: String {
    satchel_client_address(pointer).map(SocketAddress.host(of:)) ?? ""
  }

  func suspend() { MHD_suspend_connection(pointer) }
  func resume() { MHD_resume_connection(pointer) }
  func restartIdleTime(seconds: Int) { satchel_restart_idle_time(pointer, UInt32(seconds)) }

  /// The request's header fields, in order.
  var headers: HTTPHeaders {
    var headers = HTTPHeaders()
    withUnsafeMutablePointer(to: &headers) { target in
      _ = MHD_get_connection_values_n(
        pointer, .HEADER_KIND,
        { target, _, name, nameByteCount, value, valueByteCount in
          guard let target, let name else { return .NO }
          target.assumingMemoryBound(to: HTTPHeaders.self).pointee.append(
            ConnectionReference.text(name, nameByteCount),
            ConnectionReference.text(value, valueByteCount))
          return .YES
        }, target)
    }
    return headers
  }

  private static func text(_ start: UnsafePointer<CChar>?, _ byteCount: Int) -> String {
    String(decoding: UnsafeRawBufferPointer(start: start, count: byteCount), as: UTF8.self)
  }

  /// Hands the response to the library, which copies it. A response that could break the message
  /// is a fault of the handler; the client gets 500 instead of it.
  func queue(_ response: HTTPResponse, closing: Bool) -> MHD_Result {
    guard (200...999).contains(response.status), response.headers.isWellFormed else {
      return queue(HTTPResponse(status: 500), closing: true)
    }
    let message = response.body.withUnsafeBytes { body in
      MHD_create_response_from_buffer(
        body.count, UnsafeMutableRawPointer(mutating: body.baseAddress), .RESPMEM_MUST_COPY)
    }
    guard let message else { return .NO }
    defer { MHD_destroy_response(message) }
    for field in response.headers.fields where !ConnectionReference.isOwn(field.name) {
      MHD_add_response_header(message, field.name, field.value)
    }
    if closing { MHD_add_response_header(message, "Connection", "close") }
    return MHD_queue_response(pointer, UInt32(response.status), message)
  }

  /// Fields that say how the message is framed are the library's.
  private static func isOwn(_ name: String) -> Bool {
    ["Content-Length", "Transfer-Encoding", "Connection", "Date"].contains {
      HTTPHeaders.namesMatch($0, name)
    }
  }
}
