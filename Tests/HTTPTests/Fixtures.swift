import Foundation

@testable import HTTP

/// A small seeded generator: the same bytes in each run.
struct SplitMix64 {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
    return value ^ (value >> 31)
  }
}

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
