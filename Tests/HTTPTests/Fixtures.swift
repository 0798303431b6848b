import Foundation

@testable import HTTP

/// A running server on a free port of this machine; the test stops it.
func startedServer(
  _ change: (inout HTTPServerConfiguration) -> Void = { _ in },
  handler: @escaping @Sendable (HTTPRequest) -> HTTPResponse
) throws -> HTTPServer {
  var configuration = HTTPServerConfiguration()
  change(&configuration)
  let server = HTTPServer(configuration, handler: handler)
  try server.start()
  return server
}

/// Gives the body back.
@Sendable func echo(_ request: HTTPRequest) -> HTTPResponse {
  HTTPResponse(status: 200, body: request.body)
}

func client(
  of server: HTTPServer, _ change: (inout HTTPClientConfiguration) -> Void = { _ in }
) throws -> HTTPClient {
  var configuration = HTTPClientConfiguration(baseURL: server.address)
  configuration.requestTimeoutSeconds = 20
  change(&configuration)
  return try HTTPClient(configuration)
}
