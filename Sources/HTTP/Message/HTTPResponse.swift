/// A whole response: what a handler returns and what the client gets.
public struct HTTPResponse: Sendable, Equatable {
  public var status: Int
  /// `Content-Length`, `Transfer-Encoding` and `Date` are the server's own; a handler's are left out.
  public var headers: HTTPHeaders
  /// Not sent to `HEAD`, nor with a status that has no body (1xx, 204, 304).
  public var body: [UInt8]

  public init(status: Int, headers: HTTPHeaders = [:], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }
}
