import Foundation
import Testing

@testable import HTTP

@Suite struct ClientErrorTests {
  private func client(
    _ address: String, _ change: (inout HTTPClientConfiguration) -> Void = { _ in }
  ) throws -> HTTPClient {
    var configuration = HTTPClientConfiguration(baseURL: address)
    configuration.requestTimeoutSeconds = 10
    change(&configuration)
    return try HTTPClient(configuration)
  }

  private func error(_ client: HTTPClient, path: String = "/") -> HTTPClientError? {
    do throws(HTTPClientError) {
      _ = try client.send(method: "GET", path: path)
      return nil
    } catch {
      return error
    }
  }

  private func expectNotReachable(_ error: HTTPClientError?) {
    guard case .notReachable = error else {
      Issue.record("expected notReachable, got \(String(describing: error))")
      return
    }
  }

  @Test func closedPort() throws {
    let server = try startedServer(handler: echo)
    let address = server.address
    server.stop(graceSeconds: 0)
    expectNotReachable(error(try client(address)))
  }

  @Test func unknownHost() throws {
    // RFC 6761 §6.4: never a host.
    expectNotReachable(error(try client("http://nobody.invalid") { $0.requestTimeoutSeconds = 5 }))
  }

  @Test func unroutableAddressIsGivenUpInTime() throws {
    // TEST-NET-1 (RFC 5737): routers drop it or refuse it; neither answers.
    let client = try client("http://192.0.2.1") { $0.connectTimeoutSeconds = 0.5 }
    let start = DispatchTime.now().uptimeNanoseconds
    expectNotReachable(error(client))
    #expect(DispatchTime.now().uptimeNanoseconds - start < 5_000_000_000)
  }

  @Test func slowServerTimesOut() throws {
    let server = try startedServer { _ in
      usleep(700_000)
      return HTTPResponse(status: 200)
    }
    defer { server.stop(graceSeconds: 2) }
    let client = try client(server.address) { $0.requestTimeoutSeconds = 0.3 }
    #expect(error(client) == .timedOut)
    let patient = try client.send(method: "GET", path: "/", timeoutSeconds: 5)
    #expect(patient.status == 200)
  }

  @Test(arguments: [
    "", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    "HTTP/1.1 200 OK\r\nContent-Le", "no HTTP at all\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
  ])
  func serverThatDiesOrBabbles(reply: String) throws {
    let server = try RawServer(reply: Array(reply.utf8))
    expectNotReachable(error(try client(server.address)))
  }

  @Test(arguments: [
    "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n" + String(repeating: "a", count: 1001),
    "HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "a", count: 100_000),
    "HTTP/1.1 200 OK\r\n" + String(repeating: "X-A: b\r\n", count: 20_000) + "\r\n",
  ])
  func tooLargeResponseIsRefused(reply: String) throws {
    let server = try RawServer(reply: Array(reply.utf8))
    let client = try client(server.address) { $0.responseByteCountMax = 1000 }
    #expect(error(client) == .responseTooLarge)
  }

  @Test func redirectIsNotFollowed() throws {
    let server = try startedServer { _ in
      HTTPResponse(status: 302, headers: ["Location": "/elsewhere"])
    }
    defer { server.stop(graceSeconds: 1) }
    let response = try client(server.address).send(method: "GET", path: "/")
    #expect(response.status == 302)
    #expect(response.headers["Location"] == "/elsewhere")
  }

  @Test func cookiesAreNotKept() throws {
    let server = try startedServer { request in
      HTTPResponse(
        status: request.headers["Cookie"] == nil ? 200 : 400, headers: ["Set-Cookie": "a=b"])
    }
    defer { server.stop(graceSeconds: 1) }
    let client = try client(server.address)
    for _ in 0..<2 { #expect(try client.send(method: "GET", path: "/").status == 200) }
  }

  @Test func keptConnectionThatWentAwayIsReplaced() throws {
    let first = try startedServer(handler: echo)
    let port = first.port
    let client = try client(first.address)
    #expect(try client.send(method: "POST", path: "/", body: [1]).body == [1])
    first.stop(graceSeconds: 0)
    let second = try startedServer({ $0.port = port }, handler: echo)
    defer { second.stop(graceSeconds: 1) }
    #expect(try client.send(method: "POST", path: "/", body: [2]).body == [2])
  }

  @Test(arguments: [
    "", "ftp://host", "host", "http://", "http://user:secret@host", "http://host?query",
    "http://host#fragment", "http://ho st", "file:///etc/passwd",
  ])
  func unsuitableBaseURL(text: String) {
    #expect(throws: HTTPClientError.badURL) { try client(text) }
  }

  @Test(arguments: ["", "relative", "/a b", "/a\r\nHost: evil", "/a#b", "/ä", "@evil/"])
  func unsuitablePath(path: String) throws {
    #expect(error(try client("http://127.0.0.1:1"), path: path) == .badURL)
  }

  @Test(arguments: [
    HTTPHeaders.Field(name: "X", value: "a\r\nY: b"), .init(name: "X:", value: "a"),
    .init(name: "", value: "a"), .init(name: "X Y", value: "a"), .init(name: "X", value: "\0"),
  ])
  func unsuitableHeader(field: HTTPHeaders.Field) throws {
    var headers = HTTPHeaders()
    headers.append(field.name, field.value)
    let client = try client("http://127.0.0.1:1")
    #expect(throws: HTTPClientError.badHeader) {
      try client.send(method: "GET", path: "/", headers: headers)
    }
  }

  @Test func closeInterrupts() throws {
    let server = HTTPServer(HTTPServerConfiguration()) { _ in
      .held(HTTPHeldResponse(timeoutSeconds: 30, timeoutResponse: HTTPResponse(status: 200)))
    }
    try server.start()
    defer { server.stop(graceSeconds: 5) }
    let client = try client(server.address)
    Thread.detachNewThread {
      usleep(200_000)
      client.close()
    }
    #expect(error(client) == .interrupted)
    #expect(error(client) == .interrupted)
  }

  @Test func pathPrefixOfTheBaseURLIsKept() throws {
    let server = try startedServer { HTTPResponse(status: 200, body: Array($0.path.utf8)) }
    defer { server.stop(graceSeconds: 1) }
    let client = try client(server.address + "/under/here/")
    let response = try client.send(method: "GET", path: "/../a")
    #expect(String(decoding: response.body, as: UTF8.self) == "/under/here/../a")
  }
}
