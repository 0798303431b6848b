import Foundation
import Testing

@testable import HTTP

@Suite struct HeldResponseTests {
  private func server(
    threadCount: Int = 1, idleTimeoutSeconds: Int = 30,
    _ handler: @escaping @Sendable (HTTPRequest) -> HTTPReply
  ) throws -> HTTPServer {
    var configuration = HTTPServerConfiguration()
    configuration.threadCount = threadCount
    configuration.idleTimeoutSeconds = idleTimeoutSeconds
    let server = HTTPServer(configuration, replying: handler)
    try server.start()
    return server
  }

  private static let nothing = HTTPResponse(status: 204)

  @Test func heldRequestKeepsNoThread() throws {
    let held = HTTPHeldResponse(timeoutSeconds: 10, timeoutResponse: HeldResponseTests.nothing)
    let server = try server { request in
      guard request.path == "/wait" else {
        held.complete(HTTPResponse(status: 200, body: [1]))
        return .now(HTTPResponse(status: 200, body: [2]))
      }
      return .held(held)
    }
    defer { server.stop(graceSeconds: 1) }
    let waiting = try RawConnection(port: server.port)
    waiting.send("GET /wait HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    usleep(100_000)
    // The only thread is free for this one, which wakes the other.
    #expect(try client(of: server).send(method: "GET", path: "/wake").body == [2])
    #expect(waiting.readToEnd().hasSuffix("\r\n\r\n\u{1}"))
  }

  @Test func completedBeforeItIsReturned() throws {
    let server = try server { _ in
      let held = HTTPHeldResponse(timeoutSeconds: 10, timeoutResponse: HeldResponseTests.nothing)
      held.complete(HTTPResponse(status: 200, body: [3]))
      return .held(held)
    }
    defer { server.stop(graceSeconds: 1) }
    let client = try client(of: server)
    for _ in 0..<20 { #expect(try client.send(method: "GET", path: "/").body == [3]) }
  }

  @Test func timesOutWithItsOwnResponse() throws {
    let server = try server(idleTimeoutSeconds: 1) { _ in
      .held(HTTPHeldResponse(timeoutSeconds: 1.5, timeoutResponse: HeldResponseTests.nothing))
    }
    defer { server.stop(graceSeconds: 1) }
    #expect(try client(of: server).send(method: "GET", path: "/").status == 204)
  }

  @Test func stopCompletesIt() throws {
    let server = try server { _ in
      .held(HTTPHeldResponse(timeoutSeconds: 60, timeoutResponse: HeldResponseTests.nothing))
    }
    let connection = try RawConnection(port: server.port)
    connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    usleep(100_000)
    server.stop(graceSeconds: 5)
    #expect(connection.readToEnd().hasPrefix("HTTP/1.1 204"))
  }

  @Test func onlyTheFirstCompletionCounts() {
    let held = HTTPHeldResponse(timeoutSeconds: 1, timeoutResponse: HeldResponseTests.nothing)
    #expect(held.complete(HTTPResponse(status: 200)))
    #expect(!held.complete(HTTPResponse(status: 201)))
    #expect(held.response?.status == 200)
  }

  @Test func manyAreWokenFromManyThreads() throws {
    let waiting = Guarded<[HTTPHeldResponse]>([])
    let server = try server(threadCount: 2) { _ in
      let held = HTTPHeldResponse(timeoutSeconds: 10, timeoutResponse: HeldResponseTests.nothing)
      waiting.withLock { $0.append(held) }
      return .held(held)
    }
    defer { server.stop(graceSeconds: 1) }
    let connections = try (0..<50).map { _ in try RawConnection(port: server.port) }
    for connection in connections {
      connection.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    }
    while waiting.withLock(\.count) < 50 { usleep(2_000) }
    let all = waiting.withLock { $0 }
    DispatchQueue.concurrentPerform(iterations: all.count) { index in
      all[index].complete(HTTPResponse(status: 200))
    }
    for connection in connections { #expect(connection.readToEnd().hasPrefix("HTTP/1.1 200")) }
  }
}
