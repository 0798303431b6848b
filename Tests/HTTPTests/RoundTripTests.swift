import Foundation
import Synchronization
import TestSupport
import Testing

@testable import HTTP

@Suite struct RoundTripTests {
  @Test(arguments: [0, 1, 65_537, 8 * 1024 * 1024])
  func bodiesTravelBothWays(byteCount: Int) throws {
    var random = SplitMix64(seed: UInt64(byteCount) + 1)
    var body = [UInt8](repeating: 0, count: byteCount)
    body.withUnsafeMutableBytes { bytes in
      for index in stride(from: 0, to: bytes.count - 7, by: 8) {
        bytes.storeBytes(of: random.next(), toByteOffset: index, as: UInt64.self)
      }
    }
    let server = try startedServer(handler: echo)
    defer { server.stop(graceSeconds: 1) }
    let response = try client(of: server).send(method: "POST", path: "/echo", body: body)
    #expect(response.status == 200)
    #expect(response.body == body)
  }

  @Test func handlerSeesTheRequestAsSent() throws {
    let seen = Guarded<HTTPRequest?>(nil)
    let server = try startedServer { request in
      seen.withLock { $0 = request }
      return HTTPResponse(status: 207, headers: ["X-Answer": "yes"], body: [1, 2])
    }
    defer { server.stop(graceSeconds: 1) }
    let response = try client(of: server).send(
      method: "PUT", path: "/v1/a%2Fb/c?from=1%202&flag&x=a+b%26",
      headers: ["X-One": "1", "x-one": "2", "X-Empty": ""], body: [9])
    #expect(response.status == 207)
    #expect(response.headers["x-answer"] == "yes")
    #expect(response.body == [1, 2])
    let request = try #require(seen.withLock { $0 })
    #expect(request.method == "PUT")
    #expect(request.path == "/v1/a%2Fb/c")
    #expect(request.pathSegments == ["v1", "a/b", "c"])
    #expect(request.query.map(\.name) == ["from", "flag", "x"])
    #expect(request.query.map(\.value) == ["1 2", "", "a b&"])
    #expect(request.queryValue("from") == "1 2")
    #expect(request.headers.values("X-ONE") == ["1", "2"])
    #expect(request.headers["X-Empty"] == "")
    #expect(request.headers["Content-Type"] == nil)
    #expect(request.body == [9])
    #expect(request.clientAddress == "127.0.0.1")
  }

  @Test func unknownMethodReachesTheHandler() throws {
    let server = try startedServer { HTTPResponse(status: 200, body: Array($0.method.utf8)) }
    defer { server.stop(graceSeconds: 1) }
    let response = try client(of: server).send(method: "BREW", path: "/")
    #expect(response.body == Array("BREW".utf8))
  }

  @Test func headHasLengthButNoBody() throws {
    let server = try startedServer { _ in
      HTTPResponse(status: 200, body: [UInt8](repeating: 1, count: 1000))
    }
    defer { server.stop(graceSeconds: 1) }
    let response = try client(of: server).send(method: "HEAD", path: "/")
    #expect(response.status == 200)
    #expect(response.body.isEmpty)
    #expect(response.headers["Content-Length"] == "1000")
  }

  @Test func expectContinueIsAnswered() throws {
    let server = try startedServer(handler: echo)
    defer { server.stop(graceSeconds: 1) }
    let connection = try RawConnection(port: server.port)
    connection.send(
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n"
        + "Connection: close\r\n\r\n")
    #expect(connection.read(through: "\r\n\r\n").hasPrefix("HTTP/1.1 100"))
    connection.send("hi")
    #expect(connection.readToEnd().hasSuffix("\r\n\r\nhi"))
  }

  @Test func chunkedBodyIsPutTogether() throws {
    let server = try startedServer(handler: echo)
    defer { server.stop(graceSeconds: 1) }
    let connection = try RawConnection(port: server.port)
    connection.send(
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        + "3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n")
    #expect(connection.readToEnd().hasSuffix("abcdefg"))
  }

  @Test func oneConnectionServesManyRequests() throws {
    let server = try startedServer(handler: echo)
    defer { server.stop(graceSeconds: 1) }
    let connection = try RawConnection(port: server.port)
    for index in 0..<50 {
      connection.send("GET /\(index) HTTP/1.1\r\nHost: x\r\n\r\n")
      #expect(connection.read(through: "\r\n\r\n").hasPrefix("HTTP/1.1 200"))
    }
  }

  @Test func clientKeepsItsConnection() throws {
    let server = try startedServer(handler: echo)
    defer { server.stop(graceSeconds: 1) }
    let client = try client(of: server)
    for index in 0..<20 { _ = try client.send(method: "POST", path: "/", body: [UInt8(index)]) }
    #expect(server.core.watch.count == 1)
  }

  @Test func hundredClientsAtOnce() throws {
    let server = try startedServer(handler: echo)
    defer { server.stop(graceSeconds: 1) }
    let client = try client(of: server)
    let failureCount = Atomic(0)
    let threads = DispatchGroup()
    for index in 0..<100 {
      threads.enter()
      Thread.detachNewThread {
        defer { threads.leave() }
        let body = [UInt8](repeating: UInt8(index), count: 1000 + index)
        do {
          for _ in 0..<3 {
            let response = try client.send(method: "POST", path: "/\(index)", body: body)
            if response.body != body { failureCount.add(1, ordering: .relaxed) }
          }
        } catch {
          failureCount.add(1, ordering: .relaxed)
        }
      }
    }
    threads.wait()
    #expect(failureCount.load(ordering: .relaxed) == 0)
  }

  @Test func responseFieldsCannotBreakTheMessage() throws {
    let server = try startedServer { _ in
      HTTPResponse(status: 200, headers: ["X-Name": "a\r\nX-Injected: b"])
    }
    defer { server.stop(graceSeconds: 1) }
    let response = try client(of: server).send(method: "GET", path: "/")
    #expect(response.status == 500)
    #expect(response.headers["X-Injected"] == nil)
  }

  @Test func servesOnIPv6() throws {
    let server: HTTPServer
    do {
      server = try startedServer({ $0.host = "::1" }, handler: echo)
    } catch HTTPServerError.addressNotAvailable, HTTPServerError.systemFailure {
      print("notice: this machine has no IPv6 loopback")
      return
    }
    defer { server.stop(graceSeconds: 1) }
    #expect(server.address.hasPrefix("http://[::1]:"))
    #expect(try client(of: server).send(method: "GET", path: "/").status == 200)
  }
}
