import HTTP
import Replica
import SyncProtocol
import SyncServer

/// A line over HTTP on loopback, to a server in this process.
final class HTTPLine: Transport {
  private let client: HTTPClient
  private static let timeoutSeconds = 60.0

  init(to server: HTTPServer) throws {
    client = try HTTPClient(HTTPClientConfiguration(baseURL: server.address))
  }

  func send(_ request: Request) throws(TransportError) -> Response {
    var headers: HTTPHeaders = [:]
    if let token = request.token { headers.append("Authorization", "Bearer \(token)") }
    if !request.body.isEmpty { headers.append("Content-Type", "application/cbor") }
    do throws(HTTPClientError) {
      let response = try client.send(
        method: request.method.rawValue, path: request.path, headers: headers, body: request.body,
        timeoutSeconds: Self.timeoutSeconds + Double(request.holdMilliseconds) / 1000)
      if response.status == 200 { return .success(response.body) }
      return .failure(
        response.headers["Satchel-Error"].flatMap(ErrorCode.init(rawValue:)) ?? .serverFault)
    } catch {
      throw .notReachable("\(error)")
    }
  }

  /// What `satchel-server serve` does, without TLS.
  static func serve(
    _ server: SyncServer, _ configuration: HTTPServerConfiguration = HTTPServerConfiguration()
  ) throws -> HTTPServer {
    let http = HTTPServer(configuration, replying: { reply(to: $0, of: server) })
    try http.start()
    return http
  }

  private static func reply(to http: HTTPRequest, of server: SyncServer) -> HTTPReply {
    guard let method = Request.Method(rawValue: http.method) else {
      return .now(HTTPResponse(status: 404))
    }
    let token = http.headers["Authorization"].map { String($0.dropFirst("Bearer ".count)) }
    switch server.answer(Request(method, http.path, token: token, body: http.body)) {
    case .now(let response): return .now(answer(response))
    case .held(let held):
      let reply = HTTPHeldResponse(
        timeoutSeconds: Double(held.holdMilliseconds) / 1000,
        timeoutResponse: answer(held.idleResponse))
      held.whenGiven { reply.complete(answer($0)) }
      return .held(reply)
    }
  }

  private static func answer(_ response: Response) -> HTTPResponse {
    switch response {
    case .success(let body):
      HTTPResponse(
        status: 200, headers: ["Content-Type": "application/cbor", "Cache-Control": "no-store"],
        body: body)
    case .failure(let code):
      HTTPResponse(status: code.status, headers: ["Satchel-Error": code.rawValue], body: [])
    }
  }
}

/// The least that a request over HTTP costs here: a few bytes there and back, on a line that stands.
final class BareExchange {
  private let server: HTTPServer
  private let client: HTTPClient

  init() throws {
    server = HTTPServer(HTTPServerConfiguration()) { _ in
      HTTPResponse(status: 200, headers: ["Content-Type": "text/plain"], body: Array("ok".utf8))
    }
    try server.start()
    client = try HTTPClient(HTTPClientConfiguration(baseURL: server.address))
    _ = try seconds(10)
  }

  deinit { server.stop(graceSeconds: 0) }

  /// The median of some exchanges.
  func seconds(_ count: Int) throws -> Double {
    try (0..<count).map { _ in
      try Bench.seconds {
        _ = try client.send(method: "POST", path: "/", body: Array("hello".utf8))
      }
    }.median
  }
}
