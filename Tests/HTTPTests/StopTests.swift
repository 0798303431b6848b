import Foundation
import Testing

@testable import HTTP

@Suite struct StopTests {
  @Test func requestUnderWayFinishesAndNewOnesAreRefused() throws {
    let isInHandler = DispatchSemaphore(value: 0)
    let server = try startedServer { request in
      isInHandler.signal()
      usleep(500_000)
      return HTTPResponse(status: 200, body: request.body)
    }
    let port = server.port
    let slow = try client(of: server)
    let outcome = Guarded<HTTPResponse?>(nil)
    let isDone = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      defer { isDone.signal() }
      do {
        let response = try slow.send(method: "POST", path: "/", body: [5])
        outcome.withLock { $0 = response }
      } catch { print("slow request: \(error)") }
    }
    isInHandler.wait()
    let isStopped = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      server.stop(graceSeconds: 5)
      isStopped.signal()
    }
    usleep(100_000)
    #expect(throws: RawConnection.Failure.self) { try RawConnection(port: port) }
    isDone.wait()
    isStopped.wait()
    #expect(outcome.withLock { $0?.body } == [5])
    #expect(server.port == 0)
  }

  @Test func idleConnectionsDoNotDelayTheEnd() throws {
    let server = try startedServer(handler: echo)
    let connection = try RawConnection(port: server.port)
    connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    #expect(connection.read(through: "\r\n\r\n").hasPrefix("HTTP/1.1 200"))
    let start = DispatchTime.now().uptimeNanoseconds
    server.stop(graceSeconds: 10)
    #expect(DispatchTime.now().uptimeNanoseconds - start < 3_000_000_000)
    #expect(connection.readToEnd().isEmpty)
  }

  @Test func stoppingTwiceAndStartingAgain() throws {
    let server = try startedServer(handler: echo)
    #expect(throws: HTTPServerError.alreadyStarted) { try server.start() }
    server.stop(graceSeconds: 0)
    server.stop(graceSeconds: 0)
    #expect(throws: HTTPServerError.alreadyStarted) { try server.start() }
  }

  @Test func portIsFreeAfterwards() throws {
    let first = try startedServer(handler: echo)
    let port = first.port
    #expect(throws: HTTPServerError.addressInUse) {
      try startedServer({ $0.port = port }, handler: echo)
    }
    first.stop(graceSeconds: 0)
    let second = try startedServer({ $0.port = port }, handler: echo)
    #expect(second.port == port)
    second.stop(graceSeconds: 0)
  }

  @Test(arguments: ["localhost", "", "1.2.3", "::zz"])
  func hostHasToBeNumeric(host: String) {
    #expect(throws: HTTPServerError.addressInvalid) {
      try startedServer({ $0.host = host }, handler: echo)
    }
  }

  @Test func foreignAddressIsNotAvailable() {
    // TEST-NET-1 (RFC 5737): nobody's.
    #expect(throws: HTTPServerError.addressNotAvailable) {
      try startedServer({ $0.host = "192.0.2.1" }, handler: echo)
    }
  }
}
