import Foundation
import Testing

@testable import HTTP

@Suite struct TimeLimitTests {
  private func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = DispatchTime.now().uptimeNanoseconds
    try body()
    return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
  }

  @Test func silentClientIsDropped() throws {
    let server = try startedServer({ $0.idleTimeoutSeconds = 1 }, handler: echo)
    defer { server.stop(graceSeconds: 1) }
    let connection = try RawConnection(port: server.port)
    connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Le")
    let time = seconds { #expect(!connection.readToEnd().contains(" 200 ")) }
    #expect(time < 5)
  }

  @Test func drippingClientIsDropped() throws {
    let server = try startedServer(
      {
        $0.idleTimeoutSeconds = 1
        $0.requestTimeoutSeconds = 1
      }, handler: echo)
    defer { server.stop(graceSeconds: 1) }
    let inHeader = try RawConnection(port: server.port)
    inHeader.send("GET / HTTP/1.1\r\nX-Slow: ")
    let inBody = try RawConnection(port: server.port)
    inBody.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n")
    // Never silent for long enough to be idle.
    let end = DispatchTime.now() + 6
    var isHeaderOpen = true
    var isBodyOpen = true
    while isHeaderOpen || isBodyOpen, DispatchTime.now() < end {
      if isHeaderOpen { isHeaderOpen = inHeader.send("a") }
      if isBodyOpen { isBodyOpen = inBody.send("a") }
      usleep(100_000)
    }
    #expect(!isHeaderOpen)
    #expect(!isBodyOpen)
  }

  @Test func slowHandlerOutlivesTheIdleTime() throws {
    let sleepy: @Sendable (HTTPRequest) -> HTTPResponse = { request in
      usleep(1_400_000)
      return HTTPResponse(status: 200, body: request.body)
    }
    let server = try startedServer({ $0.idleTimeoutSeconds = 1 }, handler: sleepy)
    defer { server.stop(graceSeconds: 1) }
    let response = try client(of: server).send(method: "POST", path: "/", body: [1, 2, 3])
    #expect(response.body == [1, 2, 3])
  }
}
